import { expect, test } from 'vitest'
import { groupsOf } from '../../../../src/teacher/anthropic/group.ts'
import { Ledger } from '../../../../src/teacher/ledger.ts'
import { billed, knowledge, model, setting } from './setting.ts'

const worst = () => groupsOf(knowledge.family, knowledge.schema, knowledge.family.plan(knowledge.schema, { count: 20, seed: 1 }), { model, batch: false })[0]!.worst

test('the budget is hard: no call begins whose worst case it does not bear, also side by side', async () => {
  const { server, write } = await setting()
  const budget = worst() + 0.05
  const error = (await write(100, { budget }).catch((error: Error) => error)) as Error
  expect(error).toMatchObject({ type: 'NeedsPerson' })
  expect(error.message).toMatch(/^The budget of \$0\.\d\d is spent to \$0\.\d\d .*`clitron resume notes --budget \d+` goes on\.$/)
  expect(server.paid().length).toBeGreaterThan(0)
  expect(billed(server.log)).toBeLessThanOrEqual(budget)

  const rest = await write(100, { budget: 20 })
  expect(rest.rows).toHaveLength(100)
  expect(server.paid()).toHaveLength(5)
})

test('a budget too small for one call is wrong from the start', async () => {
  const { write, calls } = await setting()
  await expect(write(20, { budget: 0.01 })).rejects.toMatchObject({ type: 'BadInput', message: expect.stringMatching(/too small for one call/) })
  expect(calls()).toEqual([])
})

test('a call of a process that was killed counts against the budget, for it may have been charged', async () => {
  const { write, store } = await setting()
  const ledger = new Ledger(store)
  ledger.reserve([{ key: 'k', training: 'notes', model, batch: false, worst: 5 }], undefined)
  ledger.close()
  const { DatabaseSync } = await import('node:sqlite')
  const db = new DatabaseSync(`${store}/ledger.db`)
  // Linux gives no process this number.
  db.exec(`UPDATE calls SET owner = replace(owner, ':${process.pid}:', ':4999999:')`)
  db.close()
  await expect(write(20, { budget: 5.1 })).rejects.toThrow(/is spent to \$5/)
})
