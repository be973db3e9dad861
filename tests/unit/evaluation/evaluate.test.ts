import { describe, expect, test } from 'vitest'
import { nearestNeighbour } from '../../../src/dataset/nearest.ts'
import type { Row } from '../../../src/dataset/row.ts'
import { remember } from '../../../src/inference/predictors.ts'
import { compare } from '../../../src/evaluation/compare.ts'
import { evaluateFile, judgeRows } from '../../../src/evaluation/evaluate.ts'
import { fakeFamily as family, fakeSchema as schema } from '../../fixtures/fake-family.ts'
import { fakePredictor, truth } from './fake-predictor.ts'

const verbs = ['open', 'close', 'merge']
const rows: Row[] = [
  ...Array.from({ length: 30 }, (_, i): Row => ({ instruction: `${verbs[i % 3]} ${i}`, context: null, output: JSON.stringify({ do: verbs[i % 3], n: i }), slice: { command: verbs[i % 3]!, case: 'positive' } })),
  ...Array.from({ length: 6 }, (_, i): Row => ({ instruction: `ask thing${'abcdef'[i]}`, context: null, output: '{"do":"ask"}', slice: { command: '-', case: i < 3 ? 'unclear' : 'off_topic' } })),
]
const task = { family, schema }

describe('a section', () => {
  test('of a perfect model has all the keys that are promised', async () => {
    const section = await evaluateFile({ ...task, predictor: fakePredictor(truth), rows })
    expect(section).toMatchObject({ n: 36, equivalent: 1, valid: 1, allowed: 1, exact_match: 1, ended_by_eos: 1, baseline: null, far_half: null, errors: {}, latency_ms: { p50: 7, p95: 7 }, auroc: null })
    expect(section.interval[0]).toBeGreaterThan(0.9)
    expect(section.ece).toBeCloseTo(0.1)
    expect(section.clarification).toMatchObject({ n: 6, precision: 1, recall: 1, off_topic_answered: 0, by_case: { unclear: { n: 3, recall: 1 }, off_topic: { n: 3, recall: 1 } } })
    expect(section.thresholds.execute).toEqual({ right: 30, wrong: 0 })
    expect(section.thresholds.clarify).toEqual({ right: 6, wrong: 0 })
  })

  test('counts errors by name with at most five examples, the surest first', async () => {
    const section = await evaluateFile({ ...task, predictor: fakePredictor((text) => (text.startsWith('merge') ? { completion: '{"do":"open"}', probability: Number(text.split(' ')[1]) / 100 } : truth(text))), rows })
    expect(section.errors).toEqual({ wrong: 10 })
    expect(section.error_examples.wrong).toHaveLength(5)
    expect(section.error_examples.wrong![0]!.instruction).toBe('merge 29')
    expect(Object.entries(section.slices.command!)[0]).toMatchObject(['merge', { n: 10, equivalent: 0 }])
    expect(section.auroc).toBe(1)
  })

  test('valid is measured without the grammar, equivalent with it', async () => {
    const section = await evaluateFile({ ...task, predictor: fakePredictor((text, grammar) => (grammar ? truth(text) : { completion: '{', endedByEos: false, probability: 0 })), rows })
    expect(section).toMatchObject({ valid: 0, allowed: 0, ended_by_eos: 0, equivalent: 1 })
  })

  test('tells for each negative case how often it asks, and how often its own questions of that kind are justified', async () => {
    // One unclear request is carried out, one is taken for off topic; two commands are asked back as unclear.
    const answers: Record<string, string> = { 'ask thinga': '{"do":"open"}', 'ask thingb': '{"do":"ask"}', 'ask thingc': '{"do":"ask","n":1}', 'open 0': '{"do":"ask","n":1}', 'close 1': '{"do":"ask","n":1}' }
    const { clarification } = await evaluateFile({ ...task, predictor: fakePredictor((text) => answers[text] ?? truth(text)), rows })
    expect(clarification).toMatchObject({ n: 6, precision: 5 / 7, recall: 5 / 6 })
    expect(clarification!.by_case).toEqual({
      off_topic: { n: 3, recall: 1, right: 1, asked: 4, precision: 1 },
      unclear: { n: 3, recall: 2 / 3, right: 1 / 3, asked: 3, precision: 1 / 3 },
    })
  })

  test('a kind of question that no row wants has a precision and no recall', async () => {
    const commands = rows.slice(0, 30)
    const { clarification } = await evaluateFile({ ...task, predictor: fakePredictor((text) => (text === 'open 0' ? '{"do":"ask","n":1}' : truth(text))), rows: commands })
    expect(clarification).toMatchObject({ n: 0, precision: 0, recall: null, by_case: { unclear: { n: 0, recall: null, right: null, asked: 1, precision: 0 } } })
  })

  test('holds the means of the figures that a family brings, as served and of the model alone', async () => {
    const own = { ...family, metrics: (_schema: unknown, completion: string) => ({ short: completion.length < 20 ? 1 : 0, there: completion === '' ? 0 : 1 }) }
    const section = await evaluateFile({ family: own, schema, predictor: fakePredictor((text, grammar) => (grammar ? truth(text) : { completion: '{', endedByEos: text.startsWith('open'), probability: 0 })), rows: rows.slice(0, 30) })
    expect(section.metrics).toEqual({ short: { served: expect.any(Number), alone: 1 }, there: { served: 1, alone: 1 / 3 } })
    expect((await evaluateFile({ ...task, predictor: fakePredictor(truth), rows })).metrics).toBeUndefined()
  })

  test('a figure that an answer does not have is no part of the mean', async () => {
    const own = { ...family, metrics: (_schema: unknown, completion: string, row: { instruction: string }) => ({ ...(row.instruction.startsWith('open') && { opened: completion === '' ? 0 : 1 }), all: 1 }) }
    const section = await evaluateFile({ family: own, schema, predictor: fakePredictor((text, grammar) => (grammar ? truth(text) : { completion: '{', endedByEos: false, probability: 0 })), rows: rows.slice(0, 30) })
    expect(section.metrics).toEqual({ opened: { served: 1, alone: 0, n: 10 }, all: { served: 1, alone: 1 } })
  })

  test('an answer that did not end is wrong, and asks nothing', async () => {
    const section = await evaluateFile({ ...task, predictor: fakePredictor((text) => ({ completion: truth(text), endedByEos: false, probability: 0 })), rows })
    expect(section).toMatchObject({ equivalent: 0, errors: { 'did not end': 36 }, clarification: { recall: 0, precision: null } })
    expect(section.thresholds.ask.wrong).toBe(36)
  })

  test('errors of a final half are never listed', async () => {
    const halves = rows.map((row, i): Row => ({ ...row, part: i % 2 ? 'final' : 'dev' }))
    const section = await evaluateFile({ ...task, predictor: fakePredictor(() => '{"do":"close","n":-1}'), rows: halves })
    expect(section).toMatchObject({ n: 36, equivalent: 0, errors: { wrong: 18 }, errors_read: 18 })
    expect(section.error_examples.wrong!.every(({ instruction }) => halves.find((row) => row.instruction === instruction)!.part === 'dev')).toBe(true)
  })

  test('stands beside the lookup, and on the half far from it', async () => {
    const train = rows.slice(0, 15)
    const section = await evaluateFile({ ...task, predictor: fakePredictor(truth), rows, baseline: nearestNeighbour(train, (row) => row.instruction) })
    expect(section.baseline).toBeGreaterThanOrEqual(15 / 36)
    expect(section.baseline).toBeLessThan(1)
    expect(section.far_half).toMatchObject({ n: 18, equivalent: 1, baseline: 0 })
  })

  test('of no rows is all zeros, not NaN', async () => {
    const section = await evaluateFile({ ...task, predictor: fakePredictor(truth), rows: [] })
    expect(JSON.stringify(section)).not.toContain('null,"interval')
    expect(section).toMatchObject({ n: 0, equivalent: 0, interval: [0, 1], ece: 0, latency_ms: { p50: 0, p95: 0 } })
  })
})

describe('champion and challenger', () => {
  const judged = (wrong: (i: number, row: Row) => boolean) => judgeRows({ ...task, predictor: fakePredictor((text) => {
    const index = many.findIndex((row) => row.instruction === text)
    return wrong(index, many[index]!) ? '{"do":"close","n":-1}' : truth(text)
  }), rows: many })
  const many: Row[] = Array.from({ length: 300 }, (_, i) => ({ instruction: `${verbs[i % 3]} ${i}`, context: null, output: JSON.stringify({ do: verbs[i % 3], n: i }), slice: { command: verbs[i % 3]! } }))

  test('an equal one is promoted', async () => {
    const both = await judged((i) => i % 10 === 0)
    expect(compare(both, both, ['command'])).toMatchObject({ points: 0, p_value: 1, promote: true })
  })
  test('an equal one on what the other was not trained on; without any such question it is not', async () => {
    const both = await judged((i) => i % 10 === 0)
    expect(compare(both, both, ['command'], { rows: 40, wholeTest: true })).toMatchObject({ left_out: 40, promote: true, verdict: expect.stringContaining('40 near what the champion was trained on were left out, all of the test split among them: only golden rows were compared') })
    expect(compare([], [], ['command'], { rows: 40, wholeTest: true })).toMatchObject({ promote: false, verdict: expect.stringMatching(/^the champion stays: the challenger is not to be compared: no question is left \(add golden rows\)/) })
  })
  test('two points worse is not', async () => {
    const verdict = compare(await judged((i) => i < 36), await judged((i) => i < 30), ['command'])
    expect(verdict).toMatchObject({ promote: false, only_champion: 6, only_challenger: 0 })
    expect(verdict.verdict).toMatch(/^the champion stays: the challenger is 2.0 points worse/)
  })
  test('better as a whole but worse on one slice is not', async () => {
    const verdict = compare(await judged((i) => i % 3 === 0 && i < 90), await judged((i) => i % 3 !== 0 && i < 90), ['command'])
    expect(verdict.points).toBeGreaterThan(0)
    expect(verdict.promote).toBe(false)
    expect(verdict.slices_down.map(({ slice }) => slice)).toEqual(['command open'])
  })
})

test('a remembered answer is not asked for again, with and without grammar apart', async () => {
  const predictor = fakePredictor(truth)
  const remembering = remember(family, schema, predictor)
  await Promise.all([remembering.predict('open 1', null), remembering.predict('open 1', null)])
  await remembering.predict('open 1', null, { grammar: false })
  await expect(remembering.predict('  ', null)).rejects.toThrow('empty')
  expect(predictor.asked).toEqual(['open 1', 'open 1'])
})

test('more predictors answer beside the first one, which answers all that is asked one after the other', async () => {
  const [first, second] = [fakePredictor(truth), fakePredictor(truth)]
  const remembering = remember(family, schema, first, [second])
  await Promise.all(['open 1', 'open 2', 'open 3', 'open 4'].map((text) => remembering.predict(text, null)))
  expect([...first.asked, ...second.asked].sort()).toEqual(['open 1', 'open 2', 'open 3', 'open 4'])
  expect(second.asked.length).toBeGreaterThan(0)
  second.asked.length = 0
  for (const text of ['open 5', 'open 6', 'open 7']) await remembering.predict(text, null)
  expect(second.asked).toEqual([])
})

test('what the answer tells of free decoding is not asked for again', async () => {
  const predictor = fakePredictor(truth)
  const telling = { ...predictor, predict: async (...args: Parameters<typeof predictor.predict>) => ({ ...(await predictor.predict(...args)), alone: { completion: 'nothing', endedByEos: false } }) }
  const [judged] = await judgeRows({ predictor: telling, family, schema, rows: rows.slice(0, 1) })
  expect(judged!.score.equivalent).toBe(true)
  expect(judged!.free).toEqual({ score: expect.objectContaining({ error: 'did not end' }), ended: false })
  expect(predictor.asked).toHaveLength(1)
})
