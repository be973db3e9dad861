import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import { improve, type RoundMade } from '../../../src/activities/improve.ts'
import type { Answered } from '../../../src/evaluation/rounds.ts'
import { Plan } from '../../../src/plan.ts'
import { ArtifactStore } from '../../../src/store/artifacts.ts'
import type { Brief } from '../../../src/tasks/family.ts'
import { loadSchema } from '../../../src/tasks/index.ts'
import { inOwnFolder } from '../../fixtures/own-folder.ts'

/** The frame of a stage without Temporal and without a memo. */
vi.mock('../../../src/activities/stage.ts', () => ({
  activity: (_name: string, work: () => unknown) => work(),
  stage: async (_name: string, _training: string, _inputs: unknown, make: (context: object) => Promise<object>) => ({ ...(await make({ store: new ArtifactStore(), work: mkdtempSync(join(process.cwd(), 'work-')) })), upToDate: false, seconds: 0 }),
}))

inOwnFolder('improve-')

async function begun(rounds = 2, more: Partial<Plan> = {}) {
  const store = new ArtifactStore()
  const schema = await store.putFile(join(import.meta.dirname, '../../fixtures/notes.yaml'), 'schema')
  const plan = Plan.parse({ name: 'notes', kind: 'cli', schema, retrain: false, seed: 1, count: 300, pairs: 10, quant: 'q4_k_m', base: 'scratch', force: false, teacher: { kind: 'offline', model: '', batch: false }, configs: { sft: {}, dpo: {} }, searchAttributes: false, rounds, ...more })
  const { family, schema: document } = loadSchema({ name: 'notes', file: 'schemas/notes.yaml', text: await store.readText(schema) })
  const briefs = family.plan(document, { count: 300, seed: 1 })
  const rows = briefs.filter((_, i) => i % 5 === 0).map((brief) => ({ ...family.writeOffline(document, brief, 1), id: brief.key }))
  mkdirSync('dataset')
  writeFileSync('dataset/train_val.jsonl', rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
  const dataset = await store.putTree('dataset', 'dataset')
  let reports = 0
  /** A round whose model answers these commands wrongly. */
  const round = async (wrong: (command: string) => boolean, { failed = {}, missed = {}, short }: { failed?: Record<string, string>; missed?: Record<string, string>; short?: (command: string) => boolean } = {}): Promise<Exclude<RoundMade['made'], string>> => {
    const folder = `report-${reports++}`
    mkdirSync(folder)
    const answers = rows.map(({ id, slice }): Answered => {
      const about = `${slice!.command} ${slice!.case}`
      return { id, confidence: 0.95, ...(wrong(about) && { error: 'wrong command' }), ...(short?.(about) && { short: { robustness: 1 } }) }
    })
    writeFileSync(join(folder, 'outcomes.jsonl'), answers.map((each) => `${JSON.stringify(each)}\n`).join(''))
    return { report: await store.putTree(folder, 'report'), dataset, facts: { failed, missed, scores: { test: { equivalent: 0.5 } } } }
  }
  const command = briefs.find(({ slice }) => slice.case === 'positive')!.slice.command!
  /** No more of a cell is asked for than the plan has. */
  const cell = briefs.filter(({ slice }) => slice.command === command && slice.case === 'positive').length
  return { store, plan, briefs, command, cell, round, read: async (ref: RoundMade['log']) => JSON.parse(await store.readText(ref!)) }
}

test('errors of the validation split lead to new briefs of what failed, and the log says so before they are written', async () => {
  const { store, plan, briefs, command, cell, round, read } = await begun()
  const { coverage, log, kept } = await improve(plan, { made: await round((about) => about === `${command} positive`) })
  expect(kept).toBe(true)
  expect(coverage).toMatchObject({ total: cell, missing: cell, reused: [], ranges: [{ from: 0, to: cell }], parallel: 1 })
  const asked = (await store.readText(coverage!.briefs)).split('\n').map((line) => JSON.parse(line) as Brief)
  expect(new Set(asked.map(({ slice }) => `${slice.command} ${slice.case}`))).toEqual(new Set([`${command} positive`]))
  expect(asked.map(({ index }) => index)).toEqual(Array.from({ length: cell }, (_, i) => 300 + i))
  expect(asked.filter(({ key }) => briefs.some((brief) => brief.key === key))).toEqual([])
  expect(await read(log)).toMatchObject({ name: 'notes', kind: 'cli', max_rounds: 2, best: 0, rounds: [{ round: 0, kept: true }, { round: 1, because: { round: 0, unsure: 0, errors: { 'wrong command': expect.any(Number) } }, added: { asked: cell, slices: { command: { [command]: cell } } } }] })
})

test('a round that helped is followed by one that builds on it, with other examples; after the last the log is closed', async () => {
  const { store, plan, command, round, read } = await begun()
  const one = await improve(plan, { made: await round((about) => about.endsWith('positive')) })
  const two = await improve(plan, { log: one.log, made: await round((about) => about === `${command} positive`), added: 50 })
  expect(two).toMatchObject({ kept: true, facts: { best: 1 } })
  const keys = async ({ coverage }: typeof one) => (await store.readText(coverage!.briefs)).split('\n').map((line) => (JSON.parse(line) as Brief).key)
  const before = new Set(await keys(one))
  expect((await keys(two)).filter((key) => before.has(key))).toEqual([])
  const three = await improve(plan, { log: two.log, made: await round(() => false) })
  expect(three.coverage).toBeUndefined()
  expect(three.outcome).toMatch(/^round 2 is the best, .*all 2 rounds are done$/)
  expect(await read(three.log)).toMatchObject({ best: 2, stopped: 'all 2 rounds are done', gain: { over: 0 }, rounds: [{}, { added: { rows: 50 }, gain: { over: 0 } }, { because: { round: 1 }, gain: { over: 1 } }] })
})

test('a worse round, or one that a gate ended, is not kept, and no more is written', async () => {
  const { plan, command, cell, round, read } = await begun()
  const { log } = await improve(plan, { made: await round((about) => about === `${command} positive`) })
  for (const made of [await round((about) => about.endsWith('positive')), 'Quantization cost 5 points.']) {
    const { kept, coverage, ...lesson } = await improve(plan, { log, made })
    expect([kept, coverage]).toEqual([false, undefined])
    expect(await read(lesson.log)).toMatchObject({ best: 0, stopped: 'round 1 does not help', rounds: [{}, { kept: false, added: { asked: cell } }] })
  }
})

test('where all is right and sure there is nothing to write', async () => {
  const { plan, round } = await begun()
  expect(await improve(plan, { made: await round(() => false) })).toMatchObject({ kept: true, outcome: 'the first training stays; nothing that failed can be asked for' })
})

const robustness = { robustness: 'other wordings cost 9.0 points, 5 are allowed' }

test('gates that are missed stand among the reasons, and what falls short of them on the validation rows is written more of', async () => {
  const { store, plan, command, cell, round, read } = await begun()
  const { coverage, log } = await improve(plan, { made: await round(() => false, { failed: { target: 'too low', ...robustness }, missed: robustness, short: (about) => about === `${command} positive` }) })
  const asked = (await store.readText(coverage!.briefs)).split('\n').map((line) => JSON.parse(line) as Brief)
  expect(asked).toHaveLength(cell)
  expect(new Set(asked.map(({ slice }) => `${slice.command} ${slice.case}`))).toEqual(new Set([`${command} positive`]))
  expect((await read(log)).rounds[1].because).toEqual({ round: 0, gates: { target: 'too low', ...robustness }, gates_on_validation: robustness, errors: {}, unsure: 0 })
})

test('a gate that only the golden set misses has no say in what is written', async () => {
  const { store, plan, command, round } = await begun()
  const wrong = (about: string) => about === `${command} positive`
  const briefs = async (of: object) => store.readText((await improve(plan, { made: await round(wrong, of) })).coverage!.briefs)
  expect(await briefs({ failed: robustness })).toBe(await briefs({}))
})

test('where rounds are made only while a gate fails, a training that passes all is the last, whatever it got wrong', async () => {
  const { plan, command, round, read } = await begun(2, { whileGatesFail: true })
  const wrong = (about: string) => about === `${command} positive`
  const passed = await improve(plan, { made: await round(wrong) })
  expect(passed).toMatchObject({ kept: true, outcome: 'the first training stays; all gates are passed' })
  expect(passed.coverage).toBeUndefined()
  expect(await read(passed.log)).toMatchObject({ only_while_gates_fail: true, stopped: 'all gates are passed', rounds: [{ round: 0 }] })

  const one = await improve(plan, { made: await round((about) => about.endsWith('positive'), { failed: robustness }) })
  expect(one.coverage).toBeDefined()
  const two = await improve(plan, { log: one.log, made: await round(wrong, { failed: robustness }) })
  expect(two.coverage).toBeDefined()
  const three = await improve(plan, { log: two.log, made: await round(() => false, { failed: robustness }) })
  expect(three.coverage).toBeUndefined()
  expect(three.outcome).toMatch(/all 2 rounds are done, and a gate is still missed: other wordings cost 9\.0 points, 5 are allowed$/)
})
