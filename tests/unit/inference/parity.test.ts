import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { GateError } from '../../../src/errors.ts'
import { agreement, checkParity, type ParityRow } from '../../../src/inference/parity.ts'
import { loadPredictor, type Predictor } from '../../../src/inference/predictor.ts'
import type { TaskFamily } from '../../../src/tasks/family.ts'
import { randomModel, scratchTemplate as template } from './random-model.ts'

const family = { userText: (_: unknown, text: string) => text, grammar: () => 'root ::= [a-c]{1,4}' } as unknown as TaskFamily
const questions = ['show my prs', 'größe', 'list 3']
const file = join(mkdtempSync(join(tmpdir(), 'clitron-parity-')), 'parity.jsonl')
let model: Predictor
let other: Predictor
let rows: ParityRow[]

beforeAll(async () => {
  model = await loadPredictor({ gguf: randomModel(), template, family, schema: null })
  other = await loadPredictor({ gguf: randomModel({ seed: 1, scale: 0.05 }), template, family, schema: null })
  rows = await Promise.all(questions.map(async (text) => {
    const prompt = model.promptTokens(text)
    const completion = [...model.engine.model.tokenize('{"a":1}', false), model.engine.model.tokens.eos!]
    const scored = await model.engine.teacherForced(prompt, completion)
    return { text, completion: '{"a":1}', prompt_ids: prompt, completion_ids: completion, logprobs: scored.logProbabilities, margins: scored.margins, greedy_ids: scored.greedy }
  }))
}, 60_000)
afterAll(async () => {
  await model?.close()
  await other?.close()
})

const written = (changed: ParityRow[]) => {
  writeFileSync(file, changed.map((row) => `${JSON.stringify(row)}\n`).join(''))
  return file
}

test('a model agrees with itself', async () => {
  const report = await checkParity(written(rows), model)
  expect(report).toMatchObject({ rows: 3, tokens: 24, tokenMismatches: 0, greedyMismatches: 0, passed: true })
  expect(report.maxLogProbabilityDifference).toBeLessThan(0.01)
})

test('other weights, other tokens and a shifted log-probability each fail the gate with the row', async () => {
  await expect(checkParity(written(rows), other)).rejects.toThrow(GateError)
  await expect(checkParity(written([rows[0]!, { ...rows[1]!, prompt_ids: [0, ...rows[1]!.prompt_ids] }]), model)).rejects.toThrow(/row 2 \("größe"\): token ids of the prompt differ/)
  await expect(checkParity(written([{ ...rows[0]!, completion: '{"a":2}' }]), model)).rejects.toThrow('token ids of the completion differ')
  await expect(checkParity(written([{ ...rows[0]!, logprobs: rows[0]!.logprobs.map((value, i) => (i === 3 ? value - 1 : value)) }]), model)).rejects.toThrow('log-probability of token 3')
})

test('a choice that differs counts only where the margin is clear', async () => {
  const wrong = { ...rows[0]!, greedy_ids: rows[0]!.greedy_ids!.map((id) => id + 1) }
  await expect(checkParity(written([{ ...wrong, margins: wrong.margins.map(() => 1) }]), model)).rejects.toThrow('clearly chooses')
  expect((await checkParity(written([{ ...wrong, margins: wrong.margins.map(() => 0.01) }]), model)).clearPositions).toBe(0)
})

test('a broken line is named, and so is an empty file', async () => {
  writeFileSync(file, `${JSON.stringify(rows[0])}\n{"text":"x"}\n`)
  await expect(checkParity(file, model)).rejects.toThrow('line 2')
  writeFileSync(file, '')
  await expect(checkParity(file, model)).rejects.toThrow('no rows')
})

test('a row that does not fit is answered by neither', async () => {
  const long = { text: 'x y '.repeat(2_000), equivalent: () => true }
  const report = await agreement(model, other, [long, { text: questions[0]!, equivalent: () => true }])
  expect(report).toMatchObject({ rows: 2, full: 0.5, quantized: 0.5, onlyFull: 0, onlyQuantized: 0 })
})

test('agreement counts where only one model is right, and the divergence is zero against itself', async () => {
  const answers = await Promise.all(questions.map((text) => model.predictText(text)))
  const same = await agreement(model, model, questions.map((text, i) => ({ text, equivalent: (completion) => completion === answers[i]!.completion })))
  expect(same).toMatchObject({ rows: 3, full: 1, quantized: 1, points: 0, onlyFull: 0, onlyQuantized: 0, passed: true })
  expect(same.meanKl).toBeLessThan(1e-4)
  const report = await agreement(model, other, questions.map((text, i) => ({ text, equivalent: (completion) => completion === answers[i]!.completion && i > 0 })))
  expect(report.full).toBeCloseTo(2 / 3)
  expect(report.meanKl).toBeGreaterThan(0.1)
})
