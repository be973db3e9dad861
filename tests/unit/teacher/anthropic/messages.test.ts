import dns from 'node:dns'
import { expect, onTestFinished, test, vi } from 'vitest'
import { problemsOf } from '../../../../src/dataset/validate.ts'
import type { Row } from '../../../../src/dataset/row.ts'
import { Ledger } from '../../../../src/teacher/ledger.ts'
import { billed, knowledge, setting } from './setting.ts'

const { family, schema } = knowledge
const problems = (rows: Row[]) => rows.flatMap((row) => problemsOf(family, schema, row).slice(0, 1))

test('rows come in the order of the briefs, each under its key, and the dollars are those of the log', async () => {
  const { server, write } = await setting()
  const { rows, dollars } = await write(60)
  const briefs = family.plan(schema, { count: 100, seed: 1 }).slice(0, 60)
  expect(rows.map(({ id }) => id)).toEqual(briefs.map(({ key }) => key))
  expect(server.paid()).toHaveLength(3)
  expect(dollars).toBeCloseTo(billed(server.log), 10)
  expect(problems(rows).length).toBeLessThan(12)
})

test('a recorded call is never made again', async () => {
  const { server, write } = await setting()
  const first = await write(40)
  const second = await write(40)
  expect(second.rows).toEqual(first.rows)
  expect([second.dollars, server.paid().length]).toEqual([0, 2])
})

test.each([false, true])('a forced run asks anew, and by itself never twice (batch: %s)', async (batch) => {
  const { server, write } = await setting({ batchMs: 20 })
  const cutting = () => server.faults.push({ kind: 'max_tokens' })
  await write(20, { batch })
  cutting()
  expect((await write(20, { batch, forcedBy: 'monday' })).dollars).toBeGreaterThan(0)
  expect((await write(20, { batch, forcedBy: 'monday' })).dollars).toBe(0)
  expect((await write(20, { batch, forcedBy: 'tuesday' })).dollars).toBeGreaterThan(0)
  // Once unforced, three times for the answer that was cut and its halves, once on Tuesday.
  expect(server.paid()).toHaveLength(5)
  expect((await write(20, { batch })).dollars).toBe(0)
})

test('the schema is marked for the prompt cache, written once and read by every other call', async () => {
  const { write, calls } = await setting()
  await write(100)
  expect(calls().map(({ body }) => (body!.system as { cache_control?: unknown }[])[0]!.cache_control)).toEqual(Array.from({ length: 5 }, () => ({ type: 'ephemeral' })))
  const usages = calls().map(({ usage }) => usage!)
  expect(usages.filter((usage) => usage.cache_creation_input_tokens > 0)).toHaveLength(1)
  expect(usages.filter((usage) => usage.cache_read_input_tokens > 0)).toHaveLength(4)
})

test('the SDK itself never retries', async () => {
  const { server, write, calls } = await setting()
  server.faults.push({ kind: 'status', status: 529 })
  await write(5)
  expect(calls().map(({ status, headers }) => [status, headers['x-stainless-retry-count']])).toEqual([[529, '0'], [200, '0']])
})

test('an overloaded provider is waited for, and the screen says so', async () => {
  const { server, write, messages } = await setting()
  server.faults.push({ kind: 'status', status: 529 })
  expect((await write(20)).rows).toHaveLength(20)
  expect(messages).toContainEqual(expect.stringMatching(/^provider overloaded, next try in \d+ s$/))
})

test.each([500, 408, 409])('a %i is tried again', async (status) => {
  const { server, write } = await setting()
  server.faults.push({ kind: 'status', status })
  expect((await write(5)).rows).toHaveLength(5)
})

test('after a 429 nothing is asked before the time that the provider named', async () => {
  const { server, write, calls } = await setting()
  server.faults.push({ kind: 'status', status: 429, retryAfter: 1 })
  const { rows } = await write(60)
  const [refused, ...later] = calls()
  expect(refused!.status).toBe(429)
  expect(later).toHaveLength(3)
  for (const { at } of later) expect(at - refused!.at).toBeGreaterThanOrEqual(990)
  expect(rows).toHaveLength(60)
})

test.each([
  [{ status: 401 }, /ANTHROPIC_API_KEY/],
  [{ status: 402 }, /Raise the limit/],
  [{ status: 403 }, /right to use this model/],
  [{ status: 429, code: 'enforced_spend_limit_reached' }, /Raise the limit/],
  [{ status: 400, message: 'Your credit balance is too low to access the API.' }, /Raise the limit/],
])('%j waits for a person, and no further call is made', async (status, words) => {
  const { server, write, calls } = await setting()
  server.faults.push({ kind: 'status', times: 9, ...status })
  const error = await write(100).catch((error: Error) => error)
  expect(error).toMatchObject({ type: 'NeedsPerson', message: expect.stringMatching(words) })
  expect((error as Error).message).toContain('clitron resume notes')
  expect(calls()).toHaveLength(1)
  await expect(write(100)).rejects.toThrow(words)
  expect(calls()).toHaveLength(1)
})

test('refused for good with calls in flight: these end and are recorded, and no further is begun', async () => {
  const { server, write, calls, store } = await setting()
  server.faults.push({ kind: 'slow', ms: 1 }, { kind: 'slow', ms: 800 }, { kind: 'slow', ms: 800 }, { kind: 'status', status: 401, times: 9 })
  const briefs = family.plan(schema, { count: 300, seed: 1 })
  await expect(write(0, { briefs })).rejects.toMatchObject({ type: 'NeedsPerson' })
  const statuses = calls().map(({ status }) => status)
  // Fifteen were to be made; one more may have begun in the place of the first before the refusal was there.
  expect(statuses.filter((status) => status === 200)).toHaveLength(3)
  expect(statuses.length).toBeLessThanOrEqual(5)
  const ledger = new Ledger(store)
  onTestFinished(() => ledger.close())
  expect(ledger.spent('notes')).toMatchObject({ paid: expect.closeTo(billed(server.paid()), 8), perhaps: 0, reserved: 0 })
})

test('the key stands in no error, even when the provider repeats it', async () => {
  const { write, messages } = await setting({ key: 'another' })
  const error = (await write(5).catch((error: Error) => error)) as Error
  expect(error.message).toContain('invalid x-api-key ***')
  expect(JSON.stringify([error, error.stack, messages])).not.toContain('test-key-of-nobody')
})

test('without a key nothing begins, and the message says what to do', async () => {
  const { write, calls } = await setting()
  vi.stubEnv('ANTHROPIC_API_KEY', '')
  const { anthropic } = await import('../../../../src/teacher/anthropic/index.ts')
  const { readKey } = await import('../../../../src/teacher/anthropic/client.ts')
  expect(() => readKey({ baseUrl: undefined })).toThrow(/set ANTHROPIC_API_KEY/)
  await expect(anthropic({ model: 'm', batch: false }).write({ training: 'notes', family, schema, briefs: [], seed: 1, signal: new AbortController().signal, onProgress: () => {} })).rejects.toMatchObject({ type: 'BadInput' })
  // A server of one's own needs none; this one asks for one.
  await expect(write(5)).resolves.toMatchObject({ rows: expect.any(Array) })
  expect(calls()).toHaveLength(1)
})

test('an answer that breaks off is asked for again once and leaves no partial row; what it may have cost is kept apart', async () => {
  const { server, write, calls } = await setting()
  server.faults.push({ kind: 'cut', after: 1500 })
  const { rows, dollars } = await write(20)
  expect(calls()).toHaveLength(2)
  expect(rows.filter(({ instruction }) => instruction === '(no example)')).toEqual([])
  expect(dollars).toBeCloseTo(billed(server.paid()), 10)
  const ledger = new Ledger()
  expect(ledger.spent('notes').perhaps).toBeGreaterThan(0)
  ledger.close()
})

test('a name that cannot be resolved for a while is asked for again, and nothing counts as perhaps charged', async () => {
  const { server, write, messages, calls } = await setting()
  const answers = [new Error('getaddrinfo'), new Error('getaddrinfo')].map((error, index) => Object.assign(error, { code: ['ENOTFOUND', 'EAI_AGAIN'][index] }))
  const lookup = vi.spyOn(dns, 'lookup').mockImplementation(((_name: string, _options: object, done: (error: Error | null, addresses?: dns.LookupAddress[]) => void) => {
    const error = answers.shift()
    if (error) done(error)
    else done(null, [{ address: '127.0.0.1', family: 4 }])
  }) as never)
  onTestFinished(() => lookup.mockRestore())
  expect((await write(5, { baseUrl: server.url.replace('127.0.0.1', 'provider.invalid') })).rows).toHaveLength(5)
  expect(lookup).toHaveBeenCalledTimes(3)
  expect(calls()).toHaveLength(1)
  expect(messages.filter((message) => /^provider not reachable \(.*\), next try in \d+ s$/.test(message))).toHaveLength(2)
  const ledger = new Ledger()
  expect(ledger.spent('notes')).toMatchObject({ perhaps: 0, reserved: 0 })
  ledger.close()
})

test('an error event in the middle of the stream is a failure like any other', async () => {
  const { server, write, calls } = await setting()
  server.faults.push({ kind: 'event', type: 'overloaded_error' })
  expect((await write(10)).rows).toHaveLength(10)
  expect(calls()).toHaveLength(2)
})

test('a group whose answer is too long is halved; nothing is bought twice', async () => {
  const { server, write } = await setting()
  server.faults.push({ kind: 'max_tokens' })
  const { rows } = await write(20)
  expect(server.paid().map(({ stop }) => stop)).toEqual(['max_tokens', 'end_turn', 'end_turn'])
  expect(rows.every(({ instruction }) => instruction !== '(no example)')).toBe(true)
  expect((await write(20)).dollars).toBe(0)
})

test('a refusal makes rejected rows that say so', async () => {
  const { server, write } = await setting()
  server.faults.push({ kind: 'refusal' })
  const { rows } = await write(20)
  expect(problems(rows)).toHaveLength(20)
  expect(rows[0]).toMatchObject({ output: 'no example: the teacher refused to write it', source: 'anthropic' })
})

test.each(['broken', 'empty', 'strange', 'twice', 'huge'] as const)('%s: every brief has one row, and only whole ones pass validation', async (kind) => {
  const { server, write } = await setting()
  server.faults.push(kind === 'huge' ? { kind, characters: 10_000_000 } : { kind })
  const { rows } = await write(20)
  expect(rows).toHaveLength(20)
  const bad = { broken: 20, empty: 20, huge: 20, strange: 4, twice: 0 }[kind]
  expect(problems(rows).length).toBeGreaterThanOrEqual(bad)
  for (const row of rows) if (!problemsOf(family, schema, row).length) expect(JSON.stringify(row)).not.toMatch(/\\u0000|\\ud800/)
})

test('prose around the JSON is read past', async () => {
  const { server, write } = await setting()
  server.faults.push({ kind: 'prose' })
  expect(problems((await write(20)).rows).length).toBeLessThan(6)
})

test('a teacher that is mostly wrong is stopped before the money ends', async () => {
  const { server, write } = await setting()
  server.faults.push({ kind: 'broken', times: 99 })
  await expect(write(100)).rejects.toMatchObject({ type: 'GateNotPassed', message: expect.stringMatching(/cannot be trained on/) })
})

test('an endpoint without structured output is asked for plain JSON, and that is remembered', async () => {
  const { write, calls } = await setting({ structured: false })
  const { rows } = await write(60)
  expect(problems(rows).length).toBeLessThan(12)
  expect(calls().filter(({ status }) => status === 400)).toHaveLength(1)
  expect(calls().filter(({ status, body }) => status === 200 && !body!.output_config)).toHaveLength(3)
})

test('a cancelled run ends at once, also while it waits', async () => {
  const { server, write } = await setting()
  server.faults.push({ kind: 'status', status: 429, retryAfter: 60 })
  const began = Date.now()
  await expect(write(20, { signal: AbortSignal.timeout(200) })).rejects.toThrow()
  server.faults.push({ kind: 'hang' })
  await expect(write(21, { signal: AbortSignal.timeout(200) })).rejects.toThrow()
  expect(Date.now() - began).toBeLessThan(2000)
})

test('a connection that falls silent in the middle of an answer is given up, and the call is made again', async () => {
  const { server, write, messages, calls } = await setting()
  vi.stubEnv('CLITRON_SILENCE_SECONDS', '0.5')
  server.faults.push({ kind: 'hang' })
  expect((await write(10)).rows).toHaveLength(10)
  expect(calls()).toHaveLength(2)
  expect(messages).toContainEqual(expect.stringMatching(/fell silent for 0.5 s, next try/))
})
