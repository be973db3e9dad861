import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { Row } from '../../../src/dataset/row.ts'
import { bestWeight, chooseWeight } from '../../../src/evaluation/choose.ts'
import { companionReport } from '../../../src/evaluation/companion.ts'
import type { Predictor } from '../../../src/inference/predictor.ts'
import type { Companion } from '../../../src/tasks/family.ts'
import { fakeFamily as family, fakeSchema as schema } from '../../fixtures/fake-family.ts'
import { fakePredictor, truth } from './fake-predictor.ts'

const verbs: Companion = { name: 'verb', title: 'Verbs', labels: ['open', 'close'], labelOf: (output) => { const { do: verb } = JSON.parse(output || '{}'); return verb === 'ask' ? null : (verb ?? null) }, systemText: '', phases: [] }
const rows: Row[] = Array.from({ length: 40 }, (_, i) => ({ id: `row-${i}`, instruction: `${['open', 'close', 'ask', 'open'][i % 4]} ${i}`, context: null, output: truth(`${['open', 'close', 'ask', 'open'][i % 4]} ${i}`) }))

/** By itself it never closes anything; its companion, where its word counts, knows better, and is wrong about one row in ten. */
function predictorBeside(): Predictor {
  const fake = fakePredictor(truth)
  const predictText: Predictor['predictText'] = async (text, { weight = 0 } = {}) => {
    const right = truth(text)
    const mistaken = text.endsWith('0')
    const given = weight > 0 ? (mistaken ? right.replace('open', 'close') : right) : right.replace('close', 'open')
    return { ...(await fake.predictText(text)), completion: given, ...(weight > 0 && { opinion: { label: mistaken ? 'close' : (verbs.labelOf(right) ?? 'open'), probability: 0.9 } }) }
  }
  return { ...fake, predictText, predict: (instruction, context, choices) => predictText(family.userText(schema, instruction, context), choices) }
}

test('its word counts as much as serves the validation rows best; of equal weights the larger, and none where it harms', () => {
  expect(bestWeight(new Map([[1, 0.8], [0.5, 0.8], [0.25, 0.79], [0, 0.7]]))).toMatchObject({ weight: 1, choice: 'its word counts with weight 1 (80.0% of the validation rows with it, 70.0% without)' })
  expect(bestWeight(new Map([[1, 0.6], [0.5, 0.72], [0.25, 0.7], [0, 0.7]])).weight).toBe(0.5)
  expect(bestWeight(new Map([[1, 0.6], [0.5, 0.6], [0.25, 0.6], [0, 0.7]]))).toMatchObject({ weight: 0, choice: expect.stringContaining('it is left out') })
})

test('the report has what it gets right by itself, how often it agrees, and what both together change', async () => {
  const predictor = predictorBeside()
  const gguf = join(mkdtempSync(join(tmpdir(), 'clitron-companion-')), 'clitron-fake-verb-q4_k_m.gguf')
  writeFileSync(gguf, 'GGUF')
  const { answers, ...chosen } = await chooseWeight(predictor, rows, { family, schema }, {})
  expect(answers).toHaveLength(rows.length)
  const report = await companionReport({ companion: verbs, file: { gguf, template: null as never, weight: 0 }, chosen, predictor, family, schema, sets: { test: rows, golden: [] } }, {})
  expect(report).toMatchObject({ name: 'verb', file: 'clitron-fake-verb-q4_k_m.gguf', bytes: 4, weight: 1 })
  expect(Object.keys(report.sets)).toEqual(['test'])
  // 30 rows have a label; of those that end in 0, "open 0" and "open 20" are taken for "close".
  expect(report.sets.test).toMatchObject({ own: { n: 30, right: 28 / 30 }, agreement: { n: 30, rate: 1 }, gain: { n: 40, both: 38 / 40, single: 30 / 40, only_first: 10, only_second: 2, points: 20 } })
})
