import { beforeAll, describe, expect, test } from 'vitest'
import type { Row } from '../../../src/dataset/row.ts'
import { judgeRows, sectionOf } from '../../../src/evaluation/evaluate.ts'
import { modelCard } from '../../../src/evaluation/model-card.ts'
import { reportPage } from '../../../src/evaluation/report-page.ts'
import { resultOf, type Report } from '../../../src/evaluation/report.ts'
import { robustnessOf } from '../../../src/evaluation/robustness.ts'
import { fakeFamily as family, fakeSchema as schema } from '../../fixtures/fake-family.ts'
import { fakePredictor, truth } from './fake-predictor.ts'

const hostile = '</style><script>alert("1")</script> & <img src=x onerror=alert(1)>'
const rows: Row[] = Array.from({ length: 40 }, (_, i) => ({
  instruction: `${i % 4 ? 'open' : 'close'} ${i}${i === 8 ? hostile : ''}`, context: i % 2 ? { git: { current_branch: hostile } } : null, output: JSON.stringify({ do: i % 4 ? 'open' : 'close', n: i }),
  slice: { command: i % 4 ? 'open' : hostile, case: 'positive' }, part: i % 2 ? 'final' : 'dev',
}))

let report: Report
beforeAll(async () => {
  const predictor = fakePredictor((text) => (text.startsWith('close') ? `{"do":"merge","why":${JSON.stringify(hostile)}}` : truth(text)))
  const judged = await judgeRows({ predictor, family, schema, rows })
  const section = sectionOf(family, judged)
  report = {
    name: 'fake', kind: 'fake', title: hostile, base: 'scratch', quant: 'q4_k_m', teacher: 'offline', seed: 1, created: '2030-01-02T03:04:05Z', seconds: 12, command: 'npx clitron train fake',
    chosen: 'sft', choice: 'preference tuning made the score worse', promote: true, verdict: 'promoted: there is no champion to compare with',
    model: { file: 'clitron-fake-q4_k_m.gguf', bytes: 2e6, f16_bytes: 7e6, parameters: 3.5e6 }, thresholds: { execute: 0.9, confirm: 0.7, clarify: 0.5 },
    scores: { test: section, golden: section, golden_dev: sectionOf(family, judged.filter(({ row }) => row.part === 'dev')), golden_final: sectionOf(family, judged.filter(({ row }) => row.part === 'final')) },
    validation: { sft: { n: 10, equivalent: 0.9, interval: [0.6, 0.98] }, dpo: { n: 10, equivalent: 0.8, interval: [0.5, 0.95] } }, calibration: { method: 'identity' },
    robustness: await robustnessOf({ predictor, family, schema, rows }),
    gates: { parity: null, quantization: null, leakage: { passed: true, exact_duplicates: 0, near_duplicates: 0, two_answers: 0, shared_intents: 0, same_wording: { test: 3, golden: 1 } }, robustness: { passed: true, points_lost: 0, followed: 1 }, target: { passed: null, lower: 0.6, target: null }, latency: { passed: null, p95: 7, budget: null } },
    failed: {},
    dataset: { rows: 400, splits: { train: 320 }, intents: 380, sources: { offline: 400 }, slices: { command: { [hostile]: 40, open: 360 } }, diversity: {}, rejected: 0, removed: {} },
    training: { sft: { train_loss: 0.1 } }, losses: { sft: [{ step: 1, loss: 3 }, { step: 2, loss: 1, validation_loss: 1.2 }], dpo: [] },
  }
})

describe('the page', () => {
  test('has a section for the figures of the kind of task, where it has any', () => {
    expect(reportPage(report)).not.toContain('Figures of this kind of task')
    const of = { ...report, scores: { ...report.scores, test: { ...report.scores.test, metrics: { 'rule validity': { served: 0.75, alone: 0.5 } } } } }
    expect(reportPage(of)).toMatch(/Figures of this kind of task[^]*<td>rule validity<\/td><td class="num">75\.0%<\/td><td class="num">50\.0%<\/td>/)
  })

  test('has a card for a second model, where there is one, with what both together change', () => {
    expect(reportPage(report)).not.toContain('A second model of the same rows')
    const gain = { n: 40, points: 5, interval: [-1, 11] as [number, number], only_first: 3, only_second: 1, p_value: 0.625, both: 0.8, single: 0.75 }
    const section = { own: { n: 30, right: 0.9, interval: [0.74, 0.97] as [number, number] }, agreement: { n: 0, rate: 0 }, gain, metrics: { 'intent classification': { both: 0.95, single: 0.9 }, other: { both: 0.5, single: 0.5 } } }
    const of: Report = { ...report, companion: { name: 'intent', title: 'Intents', file: 'clitron-fake-intent-q4_k_m.gguf', bytes: 133_000, weight: 0.5, choice: 'its word counts with weight 0.5', validation: { 0: 0.7, 0.5: 0.75 }, sets: { test: section } } }
    const page = reportPage(of).replace(/<[^>]+>/g, '')
    expect(page).toContain('clitron-fake-intent-q4_k_m.gguf, 133 kB')
    expect(page).toMatch(/right by itself90\.0% of 30[^]*that is given–[^]*75\.0%, 80\.0%[^]*\+5\.0 points[^]*only both 3, only the first 1[^]*intent classification90\.0%, 95\.0%/)
    expect(page).not.toContain('other50.0%')
    expect(modelCard(of)).toContain('| beside it | Intents, `clitron-fake-intent-q4_k_m.gguf`, 133 kB: its word counts with weight 0.5 |')
    expect(resultOf(of).intent).toEqual({ weight: 0.5, bytes: 133_000, test: { right: 0.9, points: 5 } })
  })

  test('draws the gradient where it was logged, and says whether a training over- or underfitted', () => {
    expect(reportPage(report)).not.toContain('Gradient')
    const of: Report = { ...report, losses: { sft: [{ step: 1, loss: 3, grad_norm: 2.5 }, { step: 2, loss: 1, validation_loss: 1.2, grad_norm: 0.7 }], dpo: [{ step: 1, loss: 0.7 }] }, learning: { sft: { verdict: 'overfitting', sentence: 'overfits: its validation loss was lowest at step 1', rule: 'Overfitting: it has risen.' } } }
    const page = reportPage(of)
    expect(page.match(/Gradient, [a-zA-Z-]+/g)).toEqual(['Gradient, fine-tuning', 'Gradient, fine-tuning'])
    expect(page).toContain('<li>SFT overfits: its validation loss was lowest at step 1.</li>')
    expect(page).toContain('Overfitting: it has risen.')
  })

  test('draws the validation loss of each part of an answer, where the trainer measured it', () => {
    expect(reportPage(report)).not.toContain('by part of the answer')
    const at = (step: number, loss: number) => ({ step, loss, validation_loss: loss, validation_loss_by_part: { state: loss / 2, action_items: loss * 2 } })
    const page = reportPage({ ...report, losses: { sft: [{ step: 1, loss: 3 }, at(2, 2), at(3, 1)] } })
    expect(page).toContain('<i class="key main"></i>action items</span>')
    expect(page).toContain('<i class="key second"></i>state</span>')
    expect(reportPage({ ...report, losses: { sft: [at(2, 2)] } })).not.toContain('by part of the answer')
  })

  test('shows which slices fail more than the rest, and what is taken for what, where anything is wrong', () => {
    expect(reportPage(report)).not.toContain('Patterns of its errors')
    const slice = { slice: 'command close', n: 10, errors: 9, rate: 0.9, rest: { n: 30, errors: 1, rate: 1 / 30 }, difference: [0.6, 0.95] as [number, number], p_value: 0.00001, biased: true }
    const set = { rows: 'test split', n: 40, errors: 10, by_name: { wrong: { count: 10, share: 0.25 } }, by_category: { 'wrong state': { count: 10, share: 0.25 } }, slices: [slice, { ...slice, slice: 'command open', biased: false }], confusion: { of: 'verb', n: 40, right: 31, interval: [0.62, 0.88] as [number, number], pairs: [{ reference: 'close', answered: hostile, n: 9 }] } }
    const page = reportPage({ ...report, error_analysis: [set] })
    expect(page).toMatch(/Patterns of its errors[^]*10 of 40 wrong[^]*wrong state[^]*command close: 9 of 10 wrong, elsewhere 1 of 30 \(p = 0\.000010\)[^]*The verb is right in 31 of 40[^]*<td>close<\/td>/)
    expect(page).not.toContain('command open: 9')
    expect(page).not.toContain(hostile)
    expect(reportPage({ ...report, error_analysis: [{ ...set, errors: 0 }] })).not.toContain('Patterns of its errors')
  })

  test('says which revision of a base was trained, as the model card does', () => {
    const of = { ...report, base: 'org/model', training: { sft: { revision: '0123456789abcdef0123456789abcdef01234567' } } }
    expect(reportPage(of)).toContain('base org/model at 0123456789ab,')
    expect(modelCard(of)).toContain('| base | org/model at 0123456789ab |')
  })

  test('has a model card that says what the model is built of, what it was told, its figures and its weakest slice', () => {
    const slice = (equivalent: number, n = 5) => ({ n, equivalent, interval: [0, 1] as [number, number] })
    const section = { ...report.scores.test, metrics: { root_cause: { served: 0.75, alone: 0.5, n: 8 } }, slices: { task: { recovery: slice(0.8), command: slice(1) }, about: { locked: slice(0.4), crashed: slice(0.6), rare: slice(0, 2), good: slice(1) } } }
    const of: Report = {
      ...report, scores: { test: section }, model: { ...report.model, architecture: { type: 'lfm2', layers: 4, width: 128, attention_heads: 4, vocabulary: 1_024 } },
      settings: { 'Requests to commands': { training: { steps: 780, muon_learning_rate: 0.01, output_dir: './models/sft' } }, 'Preference tuning': { training: { learning_rate: 2e-5 } } }, training: { sft: { train_loss: 0.123456, revision: 'abc' } },
    }
    const card = modelCard(of)
    expect(card).toContain('`lfm2`: 4 layers, 128 wide, 4 attention heads, 1,024 tokens.')
    expect(card).toContain('| Requests to commands | steps 780, muon learning rate 0.01 |\n| Preference tuning | learning rate 0.00002 |')
    expect(card).toContain('- sft: train loss 0.1235\n')
    expect(card).toContain('| figure | test split |\n| --- | --- |\n| root cause | 75.0% of 8 |')
    expect(card).toContain('- Weakest by about: locked (40.0% of 5), crashed (60.0% of 5).')
    expect(modelCard(report)).not.toMatch(/undefined|Figures of kind/)
  })

  test('loads nothing, runs nothing, and what people typed stays text', () => {
    const page = reportPage(report)
    expect(page).not.toMatch(/<script|<img|<link|https?:|url\(|@import/i)
    expect(page.match(/<\/style>/g)).toHaveLength(1)
    expect(page).toContain('&lt;/style&gt;&lt;script&gt;')
  })
  test('has no number that is none', () => {
    const text = reportPage(report).replace(/<style>.*<\/style>/s, '')
    expect(text).not.toMatch(/NaN|undefined|Infinity|\[object|\bfalse\b|\bnull\b/)
  })
  test('shows precision and recall of its questions by case', async () => {
    const asking: Row[] = [...rows, ...['ask it', 'ask me 5'].map((instruction, i): Row => ({ instruction, context: null, output: truth(instruction), slice: { case: i ? 'unclear' : 'off_topic' } }))]
    const section = sectionOf(family, await judgeRows({ predictor: fakePredictor((text) => (text === 'ask it' ? '{"do":"open"}' : text.startsWith('close') ? '{"do":"ask","n":1}' : truth(text))), family, schema, rows: asking }))
    const page = reportPage({ ...report, scores: { test: section } })
    expect(page).toContain('<tr><td>off topic</td><td class="num">1</td><td class="num">0%</td><td class="num">0%</td><td class="num">0</td><td class="num">–</td></tr>')
    expect(page).toContain('<tr><td>unclear</td><td class="num">1</td><td class="num">100%</td><td class="num">100%</td><td class="num">11</td><td class="num">9%</td></tr>')
  })
  test('says which gate is not passed, and shows those that a person set', () => {
    const failed = { target: "the score's interval begins at 59.8%, the target is 90.0%" }
    const page = reportPage({ ...report, failed, verdict: failed.target, gates: { ...report.gates, target: { passed: false, lower: 0.598, target: 0.9 }, latency: { passed: true, p95: 7, budget: 50 } } })
    expect(page).toContain('<li class="no">fails a gate</li>')
    expect(page).toContain('<li class="no">at least 59.8%, target 90.0%</li>')
    expect(page).toContain('<li class="yes">p95 7.0 ms of 50 ms</li>')
    expect(reportPage(report)).toContain('<li class="yes">promoted</li>')
    expect(reportPage(report)).not.toContain(', target ')
    const figures = { state: { figure: 'accuracy (state)', bound: { above: 0.9 }, value: 0.884, n: 129, passed: false }, relevance: { figure: 'relevance', bound: { min: 0.95 }, value: 0.96, n: 129, passed: true } }
    const bounded = { ...report, failed: { state: 'accuracy (state) is 88.4%, above 90.0% is demanded' }, gates: { ...report.gates, figures } }
    expect(reportPage(bounded)).toContain('<li class="no">accuracy (state) is 88.4%, above 90.0% demanded</li>')
    expect(reportPage(bounded)).toContain('<li class="yes">relevance is 96.0%, at least 95.0% demanded</li>')
    expect(modelCard(bounded)).toContain('- Gates it does not pass: accuracy (state) is 88.4%, above 90.0% is demanded.')
    expect(resultOf(bounded)).toMatchObject({ gates: { figures: { state: { passed: false, value: 0.884 }, relevance: { passed: true, value: 0.96 } } } })
  })
  test('tells how many held-out questions differ from a training question only by their values', () => expect(reportPage(report)).toContain('other values: test 3, golden 1'))
  test('fits a phone and follows the dark mode', () => {
    expect(reportPage(report)).toContain('name="viewport"')
    expect(reportPage(report)).toContain('prefers-color-scheme:dark')
  })
  test('stays without pictures where nothing was measured', () => {
    const { golden, golden_dev, golden_final, ...scores } = report.scores
    expect(reportPage({ ...report, scores, losses: {}, training: {} })).not.toMatch(/NaN|undefined/)
  })
})

test('the result for the history is small', () => {
  expect(JSON.stringify(resultOf(report)).length).toBeLessThan(4000)
  expect(resultOf(report)).toMatchObject({ score: 0.75, chosen: 'sft', promote: true, scores: { test: { n: 40 }, golden: { n: 40 }, golden_final: { n: 20 } } })
})

test('the model card names file, scores and limits', () => {
  const card = modelCard(report)
  for (const part of ['clitron-fake-q4_k_m.gguf', '75.0%', '## Limits', 'golden set, final half']) expect(card).toContain(part)
  expect(card).not.toMatch(/NaN|undefined|Gates it does not pass/)
  expect(modelCard({ ...report, failed: { robustness: 'other wordings cost 9.0 points, 5 are allowed' } })).toContain('- Gates it does not pass: other wordings cost 9.0 points, 5 are allowed.\n')
})
