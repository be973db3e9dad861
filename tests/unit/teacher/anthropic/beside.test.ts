import { spawn } from 'node:child_process'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, onTestFinished, test, vi } from 'vitest'
import { groupsOf } from '../../../../src/teacher/anthropic/group.ts'
import { Ledger } from '../../../../src/teacher/ledger.ts'
import { knowledge, model, setting } from './setting.ts'

/** The ledger of another attempt, and its call with the question that `write(20)` asks. */
function another(store: string, baseUrl: string) {
  const ledger = new Ledger(store)
  onTestFinished(() => ledger.close())
  const briefs = knowledge.family.plan(knowledge.schema, { count: 100, seed: 1 }).slice(0, 20)
  const { key, worst } = groupsOf(knowledge.family, knowledge.schema, briefs, { model, batch: false, baseUrl })[0]!
  const reserve = (submission?: string) => ledger.reserve([{ key, training: 'notes', model, batch: submission !== undefined, worst }], undefined, submission) as { id: number }
  const record = (id: number) => ledger.record(id, { text: '{"examples":[]}', stop: 'end_turn' }, { input: 1, output: 1, cacheWrite: 0, cacheRead: 0 })
  return { ledger, reserve, record }
}

test('an answer that is recorded while a call waits for the time that a 429 named is not bought again', async () => {
  const { server, store, write, messages, calls } = await setting()
  server.faults.push({ kind: 'status', status: 429, retryAfter: 3 })
  const limited = write(5)
  await vi.waitFor(() => expect(messages).toContainEqual(expect.stringMatching(/limits the rate/)), 20_000)
  const waiting = write(20)
  const { reserve, record } = another(store, server.url)
  await wait(100)
  record(reserve().id)
  expect((await waiting).dollars).toBe(0)
  expect((await limited).rows).toHaveLength(5)
  expect(calls().map(({ status }) => status)).toEqual([429, 200])
})

test.each([false, true])('two attempts side by side buy one answer between them (batch: %s)', async (batch) => {
  const { server, write } = await setting({ batchMs: 300 })
  server.faults.push({ kind: 'slow', ms: 300 })
  const [one, other] = await Promise.all([write(60, { batch }), write(60, { batch })])
  expect(one.rows).toEqual(other.rows)
  expect(server.paid()).toHaveLength(3)
})

test('the call of another living process is waited for; one that was begun five minutes ago is not', async () => {
  const { server, store, write } = await setting()
  const { ledger, reserve, record } = another(store, server.url)
  const living = spawn('sleep', ['60'])
  onTestFinished(() => void living.kill())
  const { id } = reserve()
  const db = new DatabaseSync(`${store}/ledger.db`)
  onTestFinished(() => db.close())
  db.exec(`UPDATE calls SET owner = replace(owner, substr(owner, instr(owner, ':')), ':${living.pid}:')`)
  const waiting = write(20)
  setTimeout(() => record(id), 400)
  expect((await waiting).dollars).toBe(0)
  expect(server.paid()).toEqual([])

  db.exec(`UPDATE calls SET state = 'open', answer = NULL, created = created - 301000`)
  expect((await write(20)).dollars).toBeGreaterThan(0)
  expect(server.paid()).toHaveLength(1)
  expect(ledger.spent('notes')).toMatchObject({ perhaps: expect.any(Number), reserved: 0 })
})

test('a batch that another living attempt is just sending is neither sent again nor taken for never sent', async () => {
  const { server, store, write } = await setting({ batchMs: 20 })
  const { ledger, reserve, record } = another(store, server.url)
  const { id } = reserve('its submission')
  const waiting = write(20, { batch: true })
  setTimeout(() => record(id), 700)
  expect((await waiting).dollars).toBe(0)
  expect(server.batches).toEqual([])
  expect(ledger.spent('notes').reserved).toBe(0)
})
