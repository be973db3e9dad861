import { randomBytes } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { Connection } from '@temporalio/client'
import type { Payload } from '@temporalio/common'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { ensureTemporal } from '../../src/setup/temporal-cli.ts'
import { dataConverter } from '../../src/temporal/data-converter.ts'
import { isFree } from '../../src/temporal/ports.ts'
import { until, Workspace } from '../e2e/workspace.ts'
import { knowledgeOf, standIn, type StandIn } from '../standin/server.ts'
import { histories, leaks } from './search.ts'

// Of no known form, so that only its value can give it away.
const key = `teacher-${randomBytes(12).toString('hex')}`
const codecKey = randomBytes(32)
const canaries = { schema: 'canary-of-the-schema', prompt: 'canary-of-the-prompt', option: 'canary-of-the-option', answer: 'canary-of-the-answer', environment: 'canary-of-the-environment' }

/** A run with a paid teacher that is refused once, waits for a person, and ends; everything that it left is searched. */
describe('nothing secret leaves in clear', () => {
  const workspace = new Workspace()
  const said: string[] = []
  let teacher: StandIn
  let temporal: string

  const clitron = async (...args: string[]) => {
    const { exitCode, stdout, stderr } = await workspace.run([...args, '--json'], { timeout: 240_000 })
    said.push(String(stdout), String(stderr))
    return { exitCode, stderr: String(stderr), document: stdout ? JSON.parse(String(stdout)) : undefined }
  }
  const generate = ['generate', 'notes', '--teacher', 'anthropic', '--model', canaries.option, '--num', '50']

  beforeAll(async () => {
    const file = workspace.path('schemas/notes.yaml')
    writeFileSync(file, readFileSync(file, 'utf8').replace('Keep notes in a terminal', `Keep notes ${canaries.schema}`).replace('description: List notes', `description: List notes ${canaries.prompt}`))
    teacher = await standIn({ knowledge: knowledgeOf([file]), key })
    temporal = await ensureTemporal({})
    Object.assign(workspace.environment, { ANTHROPIC_API_KEY: key, ANTHROPIC_BASE_URL: teacher.url, CLITRON_CODEC_KEY: codecKey.toString('base64'), CLITRON_CANARY: canaries.environment, TEMPORAL_ADDRESS: '', TEMPORAL_PROFILE: '', TEMPORAL_CONFIG_FILE: '' })
    vi.stubEnv('CLITRON_CODEC_KEY', codecKey.toString('base64'))
  })
  afterAll(async () => {
    await teacher.close()
    await workspace.remove()
    vi.unstubAllEnvs()
  })

  test('a refused run waits and says why, without the key', async () => {
    teacher.faults.push({ kind: 'status', status: 401, path: '/v1/messages', message: `no such key: ${key} (${canaries.answer})` })
    const { exitCode, document, stderr } = await clitron(...generate)
    expect(exitCode, stderr).toBe(4)
    expect(document.waiting).toContain(`no such key: *** (${canaries.answer})`)
    expect((await clitron('status', 'notes')).document.trainings[0].run.progress.waiting).toContain(canaries.answer)
  })

  test('told to go on, it ends', async () => {
    // A worker that was refused asks no more for a while: a person starts it anew.
    await workspace.run(['down'])
    expect((await clitron('resume', 'notes')).exitCode).toBe(0)
    const { exitCode, stderr } = await clitron('watch', 'notes')
    expect(exitCode, stderr).toBe(0)
    expect(JSON.stringify(teacher.log)).toContain(canaries.prompt)
  })

  test('a worker without the key says so, and the run waits until it has it', async () => {
    await workspace.run(['down'])
    await workspace.run(['up'], { env: { ...workspace.environment, CLITRON_CODEC_KEY: '' } })
    expect((await clitron(...generate, '--detach')).exitCode).toBe(0)
    await until('the missing key is named', 60, async () => (await clitron('status', 'notes')).document.trainings[0].run?.retrying.some(({ reason }: { reason: string }) => /which is not here \(no key is set\)/.test(reason)))
    await workspace.run(['down'])
    await workspace.run(['up'])
    const { exitCode, document, stderr } = await clitron('watch', 'notes')
    expect(exitCode, stderr).toBe(0)
    expect(document).toMatchObject({ name: 'notes', dollars: 0 })
  })

  test('the temporal command starts a run with plain input, and reads what is encoded through `clitron codec`', async () => {
    const { address } = workspace.up()
    const cli = async (...args: string[]) => (await execa(temporal, ['workflow', ...args, '--address', address, '--workflow-id', 'generate-notes'])).stdout
    await cli('start', '--type', 'generate', '--task-queue', 'clitron', '--input', '{"name":"notes"}')
    expect((await clitron('watch', 'notes')).exitCode).toBe(0)
    let port = 18_081
    while (!(await isFree(port))) port += 1
    const server = workspace.run(['codec', '--port', String(port)])
    try {
      const shown = async (...args: string[]) => readable(await cli('show', '--output', 'json', ...args))
      const decoded = await until('the codec server answers', 30, () => shown('--codec-endpoint', `http://127.0.0.1:${port}`).then((text) => text.includes(canaries.option) && text, () => false))
      expect(decoded).toContain('up_to_date')
      expect(await shown()).not.toContain('up_to_date')
    } finally {
      server.kill('SIGINT')
      await server
    }
  })

  test('no history holds a canary; with the key they are there', async () => {
    const connection = await Connection.connect({ address: workspace.up().address })
    const { executions } = await connection.workflowService.listWorkflowExecutions({ namespace: 'default' })
    expect(executions.length).toBeGreaterThanOrEqual(3)
    let opened = ''
    for (const { execution, ...rest } of executions) {
      const { history } = await connection.workflowService.getWorkflowExecutionHistory({ namespace: 'default', execution: execution! })
      const clear = textIn([history, rest])
      for (const secret of [key, ...Object.values(canaries)]) expect(clear).not.toContain(secret)
      opened += await openedIn(history)
    }
    await connection.close()
    for (const canary of [canaries.option, canaries.answer]) expect(opened).toContain(canary)
    expect(opened).not.toContain(canaries.environment)
    expect(opened).not.toContain(key)
  })

  test("no file that the run left holds a key; the server's own hold no canary either", async () => {
    await workspace.run(['down'])
    expect(existsSync(workspace.path('.clitron/logs/worker.log'))).toBe(true)
    const { answer, ...unsaid } = canaries
    expect(leaks(workspace.folder, { answer, ...unsaid })).not.toEqual([])
    expect(leaks(workspace.folder, { key, codecKey, base64: codecKey.toString('base64'), hex: codecKey.toString('hex') })).toEqual([])
    expect(leaks(workspace.folder, unsaid, /\.log$/)).toEqual([])
    expect(leaks(workspace.folder, canaries, histories)).toEqual([])
    for (const text of said) expect(text).not.toContain(key)
  })
})

/** A history in JSON, and what its payloads say where they are plain. */
const readable = (json: string) => json + [...json.matchAll(/"data": ?"([^"]*)"/g)].map(([, data]) => Buffer.from(data!, 'base64').toString('latin1')).join('\n')

/** All strings and bytes of a message. */
function textIn(node: unknown): string {
  if (typeof node === 'string') return `${node}\n`
  if (node instanceof Uint8Array) return `${Buffer.from(node).toString('latin1')}\n`
  if (node === null || typeof node !== 'object') return ''
  return Object.values(node).map(textIn).join('')
}

/** What is in its payloads, for those who have the key. */
async function openedIn(node: unknown): Promise<string> {
  if (node === null || typeof node !== 'object' || node instanceof Uint8Array) return ''
  const { metadata, data } = node as Payload
  if (metadata && data instanceof Uint8Array) return textIn(await dataConverter().payloadCodecs![0]!.decode([{ metadata, data }]))
  return (await Promise.all(Object.values(node).map(openedIn))).join('')
}
