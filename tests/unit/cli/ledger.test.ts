import { expect, onTestFinished, test, vi } from 'vitest'
import { ledger } from '../../../src/cli/commands/ledger.ts'
import { teacher } from '../../../src/teacher/index.ts'
import { withLedger } from '../../../src/teacher/ledger.ts'
import { billed, knowledge, model, setting } from '../teacher/anthropic/setting.ts'

async function shown(options: { json?: boolean } = {}): Promise<string> {
  const out: string[] = []
  const stdout = vi.spyOn(process.stdout, 'write').mockImplementation((text) => (out.push(String(text)), true))
  onTestFinished(() => stdout.mockRestore())
  await ledger(options)
  return out.join('')
}

test("a training's budget is shown with what is spent and left of it: as its run began, as it was raised, and not when a later run has none", async () => {
  const { server, write } = await setting()
  const briefs = knowledge.family.plan(knowledge.schema, { count: 100, seed: 1 }).slice(0, 20)
  const inRun = (budget?: number) => teacher({ teacher: { kind: 'anthropic', model, batch: false, baseUrl: server.url } }).write({ training: 'notes', ...knowledge, briefs, seed: 1, budget, signal: new AbortController().signal, onProgress: () => {} })
  const budgets = async () => JSON.parse(await shown({ json: true })).budgets

  expect(await budgets()).toEqual([])
  await expect(inRun(0.01)).rejects.toThrow(/too small/)
  expect(await shown()).toBe('Nothing was paid for here.\nnotes: of its budget of $0.01, $0 are spent and $0.01 are left.\n')

  await inRun(3)
  const paid = billed(server.log)
  expect(await budgets()).toEqual([{ training: 'notes', budget: 3, paid: expect.closeTo(paid, 10), perhaps: 0, left: expect.closeTo(3 - paid, 10) }])
  // What may have been charged without an answer is not left either; and what another training costs is none of this one's.
  withLedger((book) => {
    for (const training of ['notes', 'other']) book.lose((book.reserve([{ key: training, training, model, batch: false, worst: 1 }], undefined) as { id: number }).id)
  })
  await inRun(5)
  expect(await budgets()).toMatchObject([{ budget: 5, perhaps: 1, left: expect.closeTo(4 - paid, 10) }])
  expect(await shown()).toContain(`\nnotes: of its budget of $5, $${paid.toFixed(2)} and perhaps $1 more are spent and $${(4 - paid).toFixed(2)} are left.\n`)

  // A pilot has a limit of its own, for itself.
  await write(20, { budget: 1 })
  expect(await budgets()).toMatchObject([{ budget: 5 }])
  await inRun(0.5)
  expect(await budgets()).toMatchObject([{ budget: 0.5, left: 0 }])
  await inRun()
  expect(await budgets()).toEqual([])
})
