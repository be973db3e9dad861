import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { execa, type ResultPromise } from 'execa'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ensureTemporal } from '../../src/setup/temporal-cli.ts'
import { answers } from '../../src/temporal/ports.ts'
import { serverCommand } from '../../src/temporal/server.ts'
import { ArtifactStore } from '../../src/store/artifacts.ts'
import { bought, paidEnvironment, provider } from '../chaos/paid.ts'
import { billed } from '../standin/bill.ts'
import type { StandIn } from '../standin/server.ts'
import { type Proxy, proxyTo } from './proxy.ts'
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
  let ports: { ui: number; http: number }
  let environment: Record<string, string>
  let teacher: StandIn
  /** What stands between the pipeline host and the rest of the world. */
  let network: { cluster: Proxy; teacher: Proxy }

  const worker = (host: Workspace, role: string, more: Record<string, string> = {}) => {
    const child = execa(process.execPath, [bin, 'worker', '--role', role], { cwd: host.folder, env: { ...environment, ...more }, reject: false, stdin: 'ignore', stdout: 'ignore', stderr: 'ignore' })
    running.push(child)
    return child
  }
  /** What a trainer logged up to the checkpoint of its SFT that is in the store; nothing before the first. */
  const loggedAtStoredCheckpoint = async (): Promise<{ step: number }[]> => {
    const store = new ArtifactStore(join(state, 'store'))
    const folder = join(store.root, 'checkpoints')
    const pointer = existsSync(folder) && readdirSync(folder).find((file) => /^sft-\w+\.json$/.test(file))
    if (!pointer) return []
    const metrics = (await store.readTree(JSON.parse(readFileSync(join(folder, pointer), 'utf8')).tree))['metrics.jsonl']!
    return jsonLines(await store.readText({ ...metrics, uri: `cas:${metrics.sha256}`, kind: 'checkpoint' }))
  }
  const cli = (...args: string[]) => execa(temporal, ['--address', address, '--env-file', join(root, 'temporal.yaml'), '--env', 'local', ...args])
  const status = async (id: string) => JSON.parse((await cli('workflow', 'describe', '--workflow-id', id, '--output', 'json')).stdout).workflowExecutionInfo.status as string

  beforeAll(async () => {
    temporal = await ensureTemporal({})
    const port = await startServer()
    address = `127.0.0.1:${port}`
    teacher = await provider()
    network = { cluster: await proxyTo(port), teacher: await proxyTo(Number(new URL(teacher.url).port)) }
    environment = { TEMPORAL_ADDRESS: address, CLITRON_STORE: join(state, 'store') }
    await until('the server is healthy', 60, () => cli('operator', 'cluster', 'health').then(() => true, () => false))
  })

  /** A free port may be taken before the server has it: then another one. Resolves with the port once it answers. */
  async function startServer(attempts = 3): Promise<number> {
    const [port, uiPort, httpPort] = [await freePort(), await freePort(), await freePort()]
    ports = { ui: uiPort, http: httpPort }
    const { command, args } = serverCommand({ cli: temporal, port, uiPort, db: join(state, 'temporal.db') })
    const server = execa(command, [...args, '--http-port', String(httpPort)], { reject: false, stdin: 'ignore', all: true })
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
    await Promise.all([network?.cluster.close(), network?.teacher.close(), teacher?.close()])
    for (const host of [pipelineHost, gpuHost, secondGpuHost, caller]) rmSync(host.folder, { recursive: true, force: true })
    rmSync(state, { recursive: true, force: true })
  })

  test('a train started by the temporal CLI goes on from the stored checkpoint when its GPU host is lost', async () => {
    worker(pipelineHost, 'pipeline', { TEMPORAL_ADDRESS: `127.0.0.1:${network.cluster.port}`, ...paidEnvironment({ url: `http://127.0.0.1:${network.teacher.port}` }) })
    const lost = worker(gpuHost, 'gpu', { CLITRON_CHECKPOINT_SECONDS: '0.3' })
    await cli('workflow', 'start', '--type', 'train', '--workflow-id', 'train-notes', '--input', '{"name":"notes","options":{"num":350,"pairs":30}}')
    await until('a checkpoint is in the store', 240, async () => (await loggedAtStoredCheckpoint()).length > 0)
    lost.kill('SIGKILL')
    for (const pid of await processes(new RegExp(`sft\\.py ${gpuHost.folder}`))) process.kill(pid, 'SIGKILL')
    const logged = await loggedAtStoredCheckpoint()
    expect(logged.at(-1)!.step).toBeLessThan(120)
    worker(secondGpuHost, 'gpu')
    await until('the run ends', 600, async () => (await status('train-notes')) !== 'WORKFLOW_EXECUTION_STATUS_RUNNING')
    expect(await status('train-notes')).toBe('WORKFLOW_EXECUTION_STATUS_COMPLETED')
    // The pipeline host publishes; the hosts of the trainers keep no model.
    expect(readFileSync(pipelineHost.path('training/models/notes/clitron-notes-q4_k_m.gguf')).subarray(0, 4).toString()).toBe('GGUF')
    // Each line tells how fast its steps were: made a second time, they would have another pace.
    expect(jsonLines(readFileSync(pipelineHost.path('training/models/notes/sft/metrics.jsonl'), 'utf8')).slice(0, logged.length)).toMatchObject(logged)
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

  test('a network that fails only delays: no recorded answer is bought again, and the worker, which nobody restarts, goes on', async () => {
    teacher.faults.push({ kind: 'slow', ms: 500, times: 99 })
    let cut = false
    void network.teacher.cutAfter(2500).then(() => (cut = true))
    await cli('workflow', 'start', '--type', 'generate', '--workflow-id', 'generate-notes', '--input', '{"name":"notes","options":{"teacher":"anthropic","num":600}}')
    await until('the teacher is cut off in the middle of an answer', 60, () => cut)
    await until('the teacher writes again', 60, () => teacher.paid().length >= 8)
    expect(await status('generate-notes')).toBe('WORKFLOW_EXECUTION_STATUS_RUNNING')
    await Promise.all([network.teacher.become('refuses'), network.cluster.become('hangs')])
    await wait(3000)
    await network.cluster.become('refuses')
    await wait(3000)
    const before = teacher.paid().length
    await Promise.all([network.teacher.become('passes'), network.cluster.become('passes')])
    await until('the run ends', 120, async () => (await status('generate-notes')) !== 'WORKFLOW_EXECUTION_STATUS_RUNNING')
    expect(await status('generate-notes')).toBe('WORKFLOW_EXECUTION_STATUS_COMPLETED')
    const { paid, twice, again, unanswered, recorded } = bought(teacher, join(state, 'store'))
    expect(again).toBe(0)
    // What was on its way when the network failed is asked for once more, for there is no other way to get it.
    expect(twice).toBeGreaterThan(0)
    expect(twice).toBeLessThanOrEqual(Math.min(unanswered, 1 + teacher.mostAtOnce()))
    expect([paid - twice, before < 30]).toEqual([30, true])
    expect(recorded).toBeLessThan(billed(teacher.paid()))
  })

  test("its server's own HTTP ports give a page from elsewhere nothing to read and nothing to do", async () => {
    const ask = (port: number, path: string, request: RequestInit = {}) => fetch(`http://127.0.0.1:${port}/api/v1/namespaces${path}`, request)
    const start = { method: 'POST', headers: { origin: 'http://evil.example', 'content-type': 'text/plain' }, body: '{"workflowType":{"name":"train"},"taskQueue":{"name":"clitron"},"input":[{"name":"notes"}]}' }
    expect((await ask(ports.http, '')).status).toBe(403)
    expect((await ask(ports.http, '/default/workflows/train-evil', start)).status).toBe(403)
    const { status: answered, headers } = await ask(ports.ui, '', { headers: { origin: 'http://evil.example' } })
    expect([answered, headers.get('access-control-allow-origin')]).toEqual([200, null])
    expect((await ask(ports.ui, '/default/workflows/train-evil', start)).status).toBe(400)
    await expect(cli('workflow', 'describe', '--workflow-id', 'train-evil')).rejects.toThrow(/not found/i)
  })
})

const jsonLines = (text: string) => text.split('\n').filter(Boolean).map((line) => JSON.parse(line) as { step: number })

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject).listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number }
      server.close(() => resolve(port))
    })
  })
}
