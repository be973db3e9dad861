import { expect, test } from 'vitest'
import { Ledger } from '../../../../src/teacher/ledger.ts'
import { groupsOf } from '../../../../src/teacher/anthropic/group.ts'
import { billed, knowledge, model, setting } from './setting.ts'

test('one batch of all groups, at half the price, its results in any order', async () => {
  const { server, write, calls } = await setting()
  const { rows, dollars } = await write(60, { batch: true })
  expect([server.batches.length, server.paid().length, calls().length]).toEqual([1, 3, 0])
  expect(dollars).toBeCloseTo(billed(server.log) / 2, 10)
  expect(rows.every(({ instruction }) => instruction !== '(no example)')).toBe(true)
})

test('a budget that does not bear the worst case of all groups sends them in batches that it bears', async () => {
  const { server, write } = await setting({ batchMs: 20 })
  const groups = groupsOf(knowledge.family, knowledge.schema, knowledge.family.plan(knowledge.schema, { count: 20, seed: 1 }), { model, batch: true })
  const budget = 2.5 * groups[0]!.worst
  expect((await write(100, { batch: true, budget })).rows.every(({ instruction }) => instruction !== '(no example)')).toBe(true)
  const requests = server.batches.map((batch) => batch.requests.length)
  expect(requests.at(-1)).toBe(2)
  expect(requests.reduce((sum, count) => sum + count, 0)).toBe(5)
  expect(billed(server.log) / 2).toBeLessThanOrEqual(budget)
})

test('what a batch answered is not bought by single calls either', async () => {
  const { write, calls } = await setting()
  const first = await write(40, { batch: true })
  expect((await write(40)).rows).toEqual(first.rows)
  expect(calls()).toEqual([])
})

test('a batch that was accepted while its id got lost is found again, not sent twice', async () => {
  const { server, write, messages } = await setting()
  server.faults.push({ kind: 'accepted-unsaid' })
  const { rows } = await write(60, { batch: true })
  expect(server.batches).toHaveLength(1)
  expect(messages).toContain('looking for the batch that was sent before the interruption')
  expect(rows).toHaveLength(60)
})

test.each([0, -1, 1])('so it is by the next process, on a clock that went %i hours wrong in between', async (hours) => {
  const { server, write, store } = await setting({ batchMs: 50 })
  await write(60, { batch: true })
  // As a crash between acceptance and recording leaves it.
  const { DatabaseSync } = await import('node:sqlite')
  const db = new DatabaseSync(`${store}/ledger.db`)
  db.exec(`UPDATE calls SET state = 'open', batch_id = NULL, answer = NULL, owner = replace(owner, ':${process.pid}:', ':4999999:'), created = created + ${hours * 3_600_000}`)
  db.close()
  const paid = server.paid().length
  expect((await write(60, { batch: true })).rows).toHaveLength(60)
  expect([server.batches.length, server.paid().length]).toEqual([1, paid])
  const ledger = new Ledger(store)
  expect(ledger.spent('notes').reserved).toBe(0)
  ledger.close()
})

/** As a run that was cancelled while its batch was at work leaves the ledger. */
async function forget(store: string): Promise<void> {
  const { DatabaseSync } = await import('node:sqlite')
  const db = new DatabaseSync(`${store}/ledger.db`)
  // While it is open, a call counts with the most that it may cost.
  db.exec(`UPDATE calls SET state = 'open', answer = NULL, dollars = 10 * dollars`)
  db.close()
}

test('what a cancelled run sent in a batch is fetched, not bought again by single calls', async () => {
  const { server, write, calls, store } = await setting({ batchMs: 50 })
  const first = await write(40, { batch: true })
  await forget(store)
  expect((await write(40)).rows).toEqual(first.rows)
  expect([server.batches.length, calls().length]).toEqual([1, 0])
})

test('the batch of a run that is over keeps no budget from the next, which asks other questions', async () => {
  const { write, store, messages } = await setting({ batchMs: 50 })
  await write(40, { batch: true })
  await forget(store)
  const ledger = new Ledger(store)
  const held = ledger.spent('notes').reserved
  const { worst } = groupsOf(knowledge.family, knowledge.schema, knowledge.family.plan(knowledge.schema, { count: 20, seed: 2 }), { model, batch: true })[0]!
  expect((await write(20, { batch: true, budget: worst + held / 2, forcedBy: 'another run' })).rows).toHaveLength(20)
  expect(ledger.spent('notes').reserved).toBe(0)
  expect(messages.some((message) => message.startsWith('batch '))).toBe(true)
  ledger.close()
})

test.each(['errored', 'expired'] as const)('only %s requests are sent again', async (result) => {
  const { server, write } = await setting({ batchMs: 20 })
  server.faults.push({ kind: 'batch', result, requests: 1 })
  expect((await write(60, { batch: true })).rows).toHaveLength(60)
  expect(server.batches.map(({ requests }) => requests.length)).toEqual([1, 3])
})

test('an answer too long for its call is halved in a second batch', async () => {
  const { server, write } = await setting({ batchMs: 20 })
  server.faults.push({ kind: 'max_tokens' })
  expect((await write(20, { batch: true })).rows.every(({ instruction }) => instruction !== '(no example)')).toBe(true)
  expect(server.batches.map(({ requests }) => requests.length)).toEqual([2, 1])
})

test('a batch is asked for plain JSON where there is no structured output', async () => {
  const { server, write } = await setting({ structured: false, batchMs: 20 })
  expect((await write(20, { batch: true })).rows).toHaveLength(20)
  expect(server.batches).toHaveLength(2)
})
