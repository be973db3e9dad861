import { mkdtempSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { billed } from '../standin/bill.ts'
import type { StandIn } from '../standin/server.ts'
import { Chaos } from './harness.ts'
import { bought, paidEnvironment, paidRun, provider } from './paid.ts'

let server: StandIn
let undisturbed: Chaos
let expected: Record<string, string>
beforeAll(async () => {
  server = await provider()
  undisturbed = new Chaos(paidEnvironment(server))
  const { exitCode, stderr } = await undisturbed.json(paidRun)
  expect(exitCode, stderr).toBe(0)
  expected = await undisturbed.published()
})
afterAll(async () => {
  await undisturbed?.remove()
  await server?.close()
})

test('an undisturbed generation buys each answer once, and shows the dollars of the log', async () => {
  const { paid, twice, again, recorded, perhaps } = bought(server, undisturbed.path('.clitron/store'))
  expect(paid).toBeGreaterThan(30)
  expect([twice, again, perhaps]).toEqual([0, 0, 0])
  expect(recorded).toBeCloseTo(billed(server.paid()), 8)
})

test('killed around its paid calls, and with a provider that fails, it ends unaided and buys no recorded answer again', async () => {
  const points = ['before_call', 'after_call_before_record', 'after_record_before_ack']
  const kills = points.flatMap((point) => [1, 2, 4].map((nth) => `generateBatch@${point}:${nth}`))
  const fired = mkdtempSync(join(tmpdir(), 'clitron-fired-'))
  const workspace = new Chaos({ ...paidEnvironment(server), CLITRON_FAULT: kills.join(), CLITRON_FAULT_FIRED: fired })
  const from = server.paid().length
  server.faults.push({ kind: 'status', status: 429, retryAfter: 1, times: 3 }, { kind: 'status', status: 529, times: 2 }, { kind: 'cut', after: 300 }, { kind: 'event', type: 'overloaded_error' }, { kind: 'hang' })
  try {
    const { exitCode, stderr } = await workspace.json(paidRun)
    expect(exitCode, stderr).toBe(0)
    expect(readdirSync(fired).sort()).toEqual([...kills].sort())
    expect(await workspace.published()).toEqual(expected)
    const { paid, twice, again, unanswered, recorded, perhaps } = bought(server, workspace.path('.clitron/store'), from)
    expect(again).toBe(0)
    // Four calls are in flight at once until five have succeeded, and every worker but the last is killed before; a cut, an error event and a silence lose one each.
    expect(twice).toBeLessThanOrEqual(unanswered)
    expect(unanswered).toBeLessThanOrEqual(4 * kills.length + 3)
    // What was bought twice was perhaps charged: the ledger says so, and never less than the provider's bill.
    const bill = billed(server.paid().slice(from))
    expect(paid - twice).toBeGreaterThan(30)
    expect(recorded).toBeLessThanOrEqual(bill + 1e-9)
    expect(recorded + perhaps).toBeGreaterThanOrEqual(bill - 1e-9)
    expect(server.faults).toEqual([])
  } finally {
    await workspace.remove()
  }
})
