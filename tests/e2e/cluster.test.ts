import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa, type ResultPromise } from 'execa'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ensureTemporal } from '../../src/setup/temporal-cli.ts'
import { answers } from '../../src/temporal/ports.ts'
import { serverCommand } from '../../src/temporal/server.ts'
import { bin, processes, root, until, Workspace } from './workspace.ts'

/** A cluster in small: a server of its own, and workers as processes that share nothing but it and the artifact store. */
describe('two hosts with nothing in common but Temporal and the store', () => {
  const state = mkdtempSync(join(tmpdir(), 'clitron-cluster-'))
  const pipelineHost = new Workspace(['notes'], { steps: 120 })
  const gpuHost = new Workspace([])
  const secondGpuHost = new Workspace([])
  const caller = new Workspace([])
  const running: ResultPromise[] = []
  let temporal: string
  let address: string
  let environment: Record<string, string>

  const worker = (host: Workspace, role: string) => {
    const child = execa(process.execPath, [bin, 'worker', '--role', role], { cwd: host.folder, env: environment, reject: false, stdin: 'ignore', stdout: 'ignore', stderr: 'ignore' })
    running.push(child)
    return child
  }
  const cli = (...args: string[]) => execa(temporal, ['--address', address, '--env-file', join(root, 'temporal.yaml'), '--env', 'local', ...args])
  const status = async (id: string) => JSON.parse((await cli('workflow', 'describe', '--workflow-id', id, '--output', 'json')).stdout).workflowExecutionInfo.status as string

  beforeAll(async () => {
    temporal = await ensureTemporal({})
    address = `127.0.0.1:${await startServer()}`
    environment = { TEMPORAL_ADDRESS: address, CLITRON_STORE: join(state, 'store') }
    await until('the server is healthy', 60, () => cli('operator', 'cluster', 'health').then(() => true, () => false))
  })

  /** A free port may be taken before the server has it: then another one. Resolves with the port once it answers. */
  async function startServer(attempts = 3): Promise<number> {
    const [port, uiPort] = [await freePort(), await freePort()]
    const { command, args } = serverCommand({ cli: temporal, port, uiPort, db: join(state, 'temporal.db') })
    const server = execa(command, args, { reject: false, stdin: 'ignore', all: true })
    let output: string | undefined
    void server.then(({ all, exitCode }) => (output = `exit ${exitCode}: ${all}`))
    running.push(server)
    await until('the server answers', 120, async () => output !== undefined || (await answers(port)))
    if (output === undefined) return port
    if (attempts > 1) return startServer(attempts - 1)
    throw new Error(`The Temporal server ended at once (${output}).`)
  }
  afterAll(async () => {
    for (const child of running.reverse()) child.kill('SIGTERM')
    await Promise.all(running)
    for (const host of [pipelineHost, gpuHost, secondGpuHost, caller]) rmSync(host.folder, { recursive: true, force: true })
    rmSync(state, { recursive: true, force: true })
  })

  test('a train started by the temporal CLI goes on when its GPU host is lost', async () => {
    worker(pipelineHost, 'pipeline')
    const lost = worker(gpuHost, 'gpu')
    await cli('workflow', 'start', '--type', 'train', '--workflow-id', 'train-notes', '--input', '{"name":"notes","options":{"num":350,"pairs":30}}')
    const trainer = await until('the trainer is at work', 240, async () => {
      const found = await processes(new RegExp(`sft\\.py ${gpuHost.folder}`))
      return found.length > 0 && found
    })
    lost.kill('SIGKILL')
    for (const pid of trainer) process.kill(pid, 'SIGKILL')
    worker(secondGpuHost, 'gpu')
    await until('the run ends', 600, async () => (await status('train-notes')) !== 'WORKFLOW_EXECUTION_STATUS_RUNNING')
    expect(await status('train-notes')).toBe('WORKFLOW_EXECUTION_STATUS_COMPLETED')
    // The pipeline host publishes; the hosts of the trainers keep no model.
    expect(readFileSync(pipelineHost.path('training/models/notes/clitron-notes-q4_k_m.gguf')).subarray(0, 4).toString()).toBe('GGUF')
  })

  test('the same start again does nothing, and its history stays small', async () => {
    await cli('workflow', 'start', '--type', 'train', '--workflow-id', 'train-notes', '--input', '{"name":"notes","options":{"num":350,"pairs":30}}')
    await until('the run ends', 60, async () => (await status('train-notes')) === 'WORKFLOW_EXECUTION_STATUS_COMPLETED')
    const { stdout } = await cli('workflow', 'describe', '--workflow-id', 'train-notes', '--output', 'json')
    const { result, workflowExecutionInfo } = JSON.parse(stdout)
    expect(JSON.stringify(result ?? stdout)).toContain('up_to_date')
    expect(Number(workflowExecutionInfo.historyLength)).toBeLessThan(300)
    expect(Number(workflowExecutionInfo.historySizeBytes)).toBeLessThan(300_000)
  })

  test('who watches it from another folder has its files there at the end', async () => {
    const { exitCode, stderr } = await execa(process.execPath, [bin, 'watch', 'notes'], { cwd: caller.folder, env: environment, reject: false })
    expect(exitCode, stderr).toBe(0)
    const madeAt = (host: Workspace, ...files: string[]) => files.forEach((file) => expect(readFileSync(caller.path(file))).toEqual(readFileSync(host.path(file))))
    madeAt(pipelineHost, 'training/models/notes/clitron.json', 'training/models/notes/versions/0001.json', 'training/data/notes/train.jsonl')
    madeAt(secondGpuHost, 'training/data/notes/preferences.jsonl')
  })

  test('an unknown training fails at once, for good, and says what to do', async () => {
    await cli('workflow', 'start', '--type', 'train', '--workflow-id', 'train-nothere', '--input', '{"name":"nothere"}')
    await until('the run ends', 60, async () => (await status('train-nothere')) === 'WORKFLOW_EXECUTION_STATUS_FAILED')
    const { stdout } = await cli('workflow', 'show', '--workflow-id', 'train-nothere', '--output', 'json')
    expect(stdout).toContain('clitron init nothere')
  })

  test('a paused run stops at a checkpoint, waits, and goes on when told', async () => {
    await cli('workflow', 'start', '--type', 'sft', '--workflow-id', 'sft-notes', '--input', '{"name":"notes","options":{"seed":7,"num":350}}')
    const trainers = () => processes(new RegExp(`sft\\.py ${secondGpuHost.folder}`))
    const [first] = await until('the trainer is at work', 120, async () => (await trainers()).length > 0 && trainers())
    const run = (args: string[]) => execa(process.execPath, [bin, ...args], { cwd: pipelineHost.folder, env: environment, reject: false })
    // Who changes their mind before the trainer has stopped loses nothing.
    expect((await run(['pause', 'notes'])).exitCode).toBe(0)
    expect((await run(['resume', 'notes'])).exitCode).toBe(0)
    await until('another trainer is at work', 120, async () => (await trainers()).some((pid) => pid !== first))

    expect((await run(['pause', 'notes'])).exitCode).toBe(0)
    await until('the trainer is gone', 90, async () => (await trainers()).length === 0)
    expect(await status('sft-notes')).toBe('WORKFLOW_EXECUTION_STATUS_RUNNING')
    expect((await run(['resume', 'notes'])).exitCode).toBe(0)
    await until('the run ends', 300, async () => (await status('sft-notes')) === 'WORKFLOW_EXECUTION_STATUS_COMPLETED')
  })
})

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject).listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}
