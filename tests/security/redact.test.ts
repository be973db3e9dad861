import { join } from 'node:path'
import { ApplicationFailure } from '@temporalio/activity'
import { MockActivityEnvironment } from '@temporalio/testing'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { trainerEnvironment } from '../../src/activities/commands.ts'
import { activity } from '../../src/activities/stage.ts'
import { explain } from '../../src/cli/explain.ts'
import { runChild } from '../../src/process/run.ts'
import { keepSecret, redact, redactError, redactOutput } from '../../src/redact.ts'

const secret = 'not-a-known-form-4711'
beforeEach(() => vi.stubEnv('SOME_SERVICE_TOKEN', secret))
afterEach(() => vi.unstubAllEnvs())

describe('masked is', () => {
  test.each(['ANTHROPIC_API_KEY', 'HF_TOKEN', 'TEMPORAL_API_KEY', 'CLITRON_CODEC_KEY', 'CLITRON_CODEC_TOKEN', 'CLITRON_WEBHOOK', 'GITHUB_TOKEN', 'AWS_SECRET_ACCESS_KEY', 'DB_PASSWORD', 'MY_SECRET', 'apikey'])('the value of %s', (name) => {
    vi.stubEnv(name, 'value-of-a-variable')
    expect(redact('it said: value-of-a-variable!')).toBe('it said: ***!')
  })

  test('each key of several, and the longer of two where one begins like the other', () => {
    vi.stubEnv('CLITRON_CODEC_KEY', 'aaaaaaaaaa,aaaaaaaaaabbbb')
    expect(redact('x aaaaaaaaaabbbb y aaaaaaaaaa')).toBe('x *** y ***')
  })

  test.each([
    'sk-ant-api03-abcdefghijklmnop', 'hf_abcdefghijklmnopqrstuvwxyz', 'ghp_abcdefghijklmnopqrst', 'ghs_abcdefghijklmnopqrst', 'github_pat_11ABCDEFG0abcdefghijklmn', 'AKIAIOSFODNN7EXAMPLE',
  ])('%s, whoever it belongs to', (key) => expect(redact(`key=${key}, then`)).toBe('key=***, then'))

  test('a bearer token, and the password in an address', () => {
    expect(redact('Authorization: Bearer abc.def-ghi_jkl/mno+p==')).toBe('Authorization: Bearer ***')
    expect(redact('https://me:hunter2@host.example/x')).toBe('https://***@host.example/x')
  })

  test('what a key file told', () => {
    keepSecret('told-from-a-file', 'short')
    expect(redact('told-from-a-file short')).toBe('*** short')
  })
})

test.each(['3f2a9c1e8b7d6054', '0a1b2c3d-4e5f-6789-abcd-ef0123456789', 'hf_home', 'bearer of news', 'http://127.0.0.1:8233/x', 'ghost', 'a test with a task-key'])('%s stays', (text) => {
  vi.stubEnv('SHORT_KEY', 'test')
  expect(redact(text)).toBe(text)
})

describe('nothing leaves with a secret:', () => {
  test('an error with its stack and causes, also one that cannot be written to', () => {
    const inner = new DOMException(`aborted ${secret}`, 'AbortError')
    const error = redactError(new Error(`outer ${secret}`, { cause: inner }))
    for (const text of [error.message, error.stack, inner.message, inner.stack]) expect(text).not.toContain(secret)
    const circle = new Error('x')
    circle.cause = circle
    expect(redactError(circle)).toBe(circle)
    expect(redactError(undefined)).toBe(undefined)
  })

  test.each([
    ['an error of an activity', () => Object.assign(new Error(`it has ${secret}`, { cause: new Error(secret) }), { type: 'TrainerError' })],
    ["an activity's own failure", () => ApplicationFailure.create({ message: secret, cause: new Error(secret) })],
  ])('%s', async (_, make) => {
    const error: Error = await new MockActivityEnvironment().run(() => activity('eval', async () => Promise.reject(make()))).then(() => expect.unreachable(), (error) => error)
    for (let one: unknown = error; one instanceof Error; one = one.cause) expect(`${one.message}\n${one.stack}`).not.toContain(secret)
    expect(error.message).toContain('***')
  })

  test("a heartbeat's message", async () => {
    const environment = new MockActivityEnvironment()
    const beats: string[] = []
    environment.on('heartbeat', (details) => beats.push(JSON.stringify(details)))
    await environment.run(() => activity('eval', async (progress) => {
      progress({ message: `${'x'.repeat(290)}${secret}` })
      await new Promise((resolve) => setTimeout(resolve, 2100))
    }))
    expect(beats.join()).toContain('***')
    expect(beats.join()).not.toContain(secret.slice(0, 8))
  })

  test("a child's last words, wherever the line is cut", async () => {
    const run = (code: string) => runChild({ command: process.execPath, args: ['-e', code], cwd: import.meta.dirname, env: trainerEnvironment(), signal: new AbortController().signal, stallSeconds: 20, onEvent: () => {} })
    const error: Error = await run(`process.stderr.write('x'.repeat(390) + ${JSON.stringify(secret)} + '\\n'); process.exit(1)`).then(() => expect.unreachable(), (error) => error)
    expect(error.message).toContain('x***')
    expect(error.message).not.toContain(secret.slice(0, 8))
  })

  test('what the command line says of an error', () => {
    expect(explain(new Error('Workflow failed', { cause: new Error(`refused ${secret}`) })).message).toBe('refused ***')
    expect(explain(new TypeError(secret)).message).not.toContain(secret)
  })

  test('a log, whichever library writes it', () => {
    const said: string[] = []
    const original = process.stderr.write
    const spies = [vi.spyOn(process.stdout, 'write').mockReturnValue(true), vi.spyOn(process.stderr, 'write').mockImplementation((line) => (said.push(String(line)), true))]
    try {
      redactOutput()
      process.stderr.write(`a library says ${secret}\n`)
    } finally {
      spies.forEach((spy) => spy.mockRestore())
      process.stderr.write = original
    }
    expect(said).toEqual(['a library says ***\n'])
  })

  test("a trainer's environment: names that are allowed, and no keys among them", () => {
    for (const name of ['NVIDIA_API_KEY', 'PYTORCH_TOKEN', 'CLITRON_CODEC_KEY', 'CLITRON_CODEC_KEY_FILE', 'ANTHROPIC_API_KEY', 'HF_TOKEN', 'TEMPORAL_API_KEY', 'CLITRON_WEBHOOK']) vi.stubEnv(name, secret)
    expect(Object.values(trainerEnvironment())).not.toContain(secret)
    expect(trainerEnvironment()).toHaveProperty('PATH')
  })
})
