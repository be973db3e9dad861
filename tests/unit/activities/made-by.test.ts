import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { madeBy } from '../../../src/activities/made-by.ts'
import { Plan } from '../../../src/plan.ts'
import { ArtifactStore } from '../../../src/store/artifacts.ts'
import { loadSchema } from '../../../src/tasks/index.ts'
import { countBriefs } from '../../../src/teacher/briefs.ts'

const folder = mkdtempSync(join(tmpdir(), 'made-by-'))
const store = new ArtifactStore(folder)
afterAll(() => rmSync(folder, { recursive: true }))

let usual: Plan
beforeAll(async () => {
  const schema = await store.putFile(join(import.meta.dirname, '../../fixtures/notes.yaml'), 'schema')
  const loaded = loadSchema({ name: 'notes', file: 'notes.yaml', text: await store.readText(schema) })
  const count = countBriefs(loaded.family, loaded.schema, { base: 'scratch', teacher: 'offline' })
  usual = Plan.parse({ name: 'notes', kind: 'cli', schema, retrain: false, seed: 1, count, pairs: 1000, quant: 'q4_k_m', base: 'scratch', force: false, teacher: { kind: 'offline', model: 'x', batch: false }, configs: { sft: {}, dpo: {} }, searchAttributes: false })
})

test('a plan of defaults is made by the bare command', async () => {
  expect(await madeBy(store, usual, 'train')).toBe('npx clitron train notes')
  expect(await madeBy(store, usual, 'generate')).toBe('npx clitron generate notes')
})

test('what differs from the defaults stands in the command, as far as it changes what is made', async () => {
  const plan: Plan = { ...usual, count: 60, pairs: 10, quant: 'q8_0', seed: 7, base: "my model's", teacher: { kind: 'anthropic', model: 'claude-x', batch: true }, budget: 5 }
  expect(await madeBy(store, plan, 'train')).toBe("npx clitron train notes --num 60 --base 'my model'\\''s' --teacher anthropic --seed 7 --model claude-x --pairs 10 --quant q8_0")
  expect(await madeBy(store, plan, 'generate')).toBe("npx clitron generate notes --num 60 --base 'my model'\\''s' --teacher anthropic --seed 7 --model claude-x")
})

test("a round's command asks for so many rounds", async () => {
  expect(await madeBy(store, { ...usual, rounds: 3, round: 2 }, 'train')).toBe('npx clitron train notes --rounds 2')
  // The schema asks for it itself.
  expect(await madeBy(store, { ...usual, rounds: 3, whileGatesFail: true, round: 2 }, 'train')).toBe('npx clitron train notes')
})
