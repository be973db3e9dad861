import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { assembleDataset, splitFiles } from '../../../src/dataset/assemble.ts'
import { writeJsonl } from '../../../src/dataset/jsonl.ts'
import type { Row } from '../../../src/dataset/row.ts'
import { InputError } from '../../../src/errors.ts'
import type { ErrorAnalysisReport } from '../../../src/evaluation/error-analysis.ts'
import { evaluateTraining, type EvaluateSpec } from '../../../src/evaluation/pipeline.ts'
import { resultOf, type Report } from '../../../src/evaluation/report.ts'
import { outcomesFile, parseOutcomes } from '../../../src/evaluation/rounds.ts'
import type { TrainingMetrics } from '../../../src/evaluation/training-metrics.ts'
import { openBundle } from '../../../src/inference/bundle.ts'
import type { Score } from '../../../src/tasks/family.ts'
import { families, loadSchema } from '../../../src/tasks/index.ts'
import { randomModel, scratchTemplate } from '../inference/random-model.ts'

/** Answers are a few tokens, so that random weights are asked quickly. */
const yaml = `cli_name: light
description: Switch the light
commands:
  - {name: on, description: Switch the light on, synonyms: [turn on, switch on], args: [{name: level, type: integer, description: Brightness, positional: true, synonyms: [brightness]}], flags: [{name: slowly, description: Take some seconds, synonyms: [gently, slowly]}]}
  - {name: off, description: Switch the light off, synonyms: [turn off, put out], args: [], flags: [{name: all, description: All lights, synonyms: [everywhere, all of them]}]}
`
const goldenRows = ['light on', 'lights out please', 'make it 40 bright', 'off, all of them'].map((instruction, i) => ({
  instruction, context: null, part: i % 2 ? 'final' : 'dev',
  // Forms are mixed, as people write them.
  ...(i === 0 ? { command: 'light on' } : { output: JSON.stringify({ type: 'command', command: i % 2 ? 'off' : 'on', subcommand: null, args: i === 2 ? { level: 40 } : {}, flags: i === 3 ? ['all'] : [] }) }),
}))

/** Of more tokens than the model's context has. */
const overlong = { instruction: `turn it on ${'now '.repeat(400)}`.trim(), context: null, output: '{"type":"command","command":"on","subcommand":null,"args":{},"flags":[]}' }

let spec: EvaluateSpec
let report: Report
beforeAll(async () => {
  const root = mkdtempSync(join(tmpdir(), 'clitron-evaluate-'))
  const { family, schema } = loadSchema({ name: 'light', file: 'light.yaml', text: yaml })
  const rows = family.plan(schema, { count: 40, seed: 1 }).map((brief) => family.writeOffline(schema, brief, 1))
  await writeJsonl(join(root, 'rows.jsonl'), rows)
  writeFileSync(join(root, 'light.yaml'), yaml)
  writeFileSync(join(root, 'golden.jsonl'), goldenRows.map((row) => `${JSON.stringify(row)}\n`).join(''))
  await assembleDataset({ name: 'light', family, schema, batches: [join(root, 'rows.jsonl')], outDir: join(root, 'data'), seed: 1 })
  for (const split of ['validation', 'calibration', 'test'] as const) {
    const file = join(root, 'data', splitFiles[split])
    writeFileSync(file, `${JSON.stringify(overlong)}\n${readFileSync(file, 'utf8')}`)
  }
  const gguf = randomModel({ pieces: family.pieces(schema), context: 160 })
  for (const stage of ['sft', 'dpo']) {
    mkdirSync(join(root, stage))
    for (const quant of ['f16', 'q4_k_m']) copyFileSync(gguf, join(root, stage, `clitron-light-${quant}.gguf`))
    writeFileSync(join(root, stage, 'prompt_template.json'), JSON.stringify(scratchTemplate))
    writeFileSync(join(root, stage, 'metrics.jsonl'), '{"step":1,"loss":4,"grad_norm":1.5,"tokens_per_second":900}\n{"step":2,"loss":3,"validation_loss":3.2,"validation_loss_by_part":{"command":3,"args":4},"perplexity":24.5,"learning_rate":0.01,"kept_step":1,"stopped_early_at":2}\n')
  }
  spec = {
    name: 'light', quant: 'q4_k_m', base: 'scratch', teacher: 'offline', seed: 1, schema: join(root, 'light.yaml'), dataset: join(root, 'data'), candidates: { sft: join(root, 'sft'), dpo: join(root, 'dpo') },
    golden: join(root, 'golden.jsonl'), settings: { 'Supervised fine-tuning': { training: { steps: 9 } } }, training: { sft: { train_loss: 3, steps: 2, seconds: 4.5, tokens_per_second: 900, device: 'cpu', mask: 'x'.repeat(100) }, dpo: { seconds: 2 } }, command: 'npx clitron train light --num 100', outDir: join(root, 'report'),
  }
  report = await evaluateTraining(spec)
}, 120_000)

describe('an evaluation of random weights', () => {
  test('leaves a bundle that opens, and the report beside it', async () => {
    const bundle = await openBundle(spec.outDir)
    expect(bundle.manifest).toMatchObject({ name: 'light', kind: 'cli', quantization: 'q4_k_m', base: 'scratch' })
    expect(bundle.calibration).toEqual(report.calibration)
    expect(report.model.architecture).toMatchObject({ type: 'lfm2', layers: expect.any(Number), width: expect.any(Number), feed_forward: expect.any(Number), attention_heads: expect.any(Number), context: 160 })
    expect(readFileSync(join(spec.outDir, 'MODEL.md'), 'utf8')).toMatch(/`lfm2`: \d+ layers, \d+ wide[^]*\| Supervised fine-tuning \| steps 9 \|[^]*- sft: train loss 3, steps 2, /)
    for (const file of ['clitron-light-q4_k_m.gguf', 'clitron-light.tgz', 'report.json', 'report.html', 'MODEL.md', 'Modelfile', 'calibration.json', 'grammar.gbnf', 'prompt_template.json', 'clitron.json']) expect(existsSync(join(spec.outDir, file)), file).toBe(true)
    expect(JSON.parse(readFileSync(join(spec.outDir, 'report.json'), 'utf8'))).toMatchObject({ name: 'light', command: spec.command, losses: { sft: [{ step: 1 }, { step: 2, validation_loss: 3.2 }] } })
    expect((await openBundle(join(spec.outDir, 'clitron-light.tgz'))).manifest.name).toBe('light')
  })
  test('leaves how it was trained beside it: stages, curves, verdicts, the speed of answers', () => {
    const metrics = JSON.parse(readFileSync(join(spec.outDir, 'training_metrics.json'), 'utf8')) as TrainingMetrics
    expect(metrics).toMatchObject({
      name: 'light', chosen: report.chosen, seconds: 6.5, stages: { dpo: { seconds: 2 } },
      curves: { sft: [{ step: 1, loss: 4, grad_norm: 1.5, tokens_per_second: 900 }, { step: 2, loss: 3, validation_loss: 3.2, validation_loss_by_part: { command: 3, args: 4 }, perplexity: 24.5, learning_rate: 0.01, kept_step: 1, stopped_early_at: 2 }] },
      learning: { sft: { verdict: 'not told', early_stopping: { kept_step: 1, stopped_at: 2 } }, dpo: { verdict: 'not told' } },
      inference: { rows: 'golden', n: goldenRows.length, latency_ms: report.scores.golden!.latency_ms, bytes: report.model.bytes },
    })
    expect(metrics.stages.sft).toEqual({ train_loss: 3, steps: 2, seconds: 4.5, tokens_per_second: 900, device: 'cpu' })
  })
  test('leaves what goes wrong beside it, with examples, and nothing of the final half', () => {
    const found = JSON.parse(readFileSync(join(spec.outDir, 'error_analysis_report.json'), 'utf8')) as ErrorAnalysisReport
    expect(found.sets.map(({ rows, n, errors }) => [rows, n, errors])).toEqual([['test split', report.scores.test.n, report.scores.test.n], ['development half of the golden set', 2, 2]])
    expect(Object.values(found.sets[1]!.examples).flat().map(({ instruction }) => instruction).sort()).toEqual(goldenRows.filter(({ part }) => part === 'dev').map(({ instruction }) => instruction).sort())
  })
  test('finds the copy of a file equal to it, and knows nothing', () => {
    expect(report.gates.quantization).toMatchObject({ points: 0, passed: true, enough_rows: false })
    expect(report.gates.quantization!.meanKl).toBeCloseTo(0, 6)
    expect(report.scores.test).toMatchObject({ valid: 0, ended_by_eos: 0 })
    expect(report.scores.golden_dev!.n + report.scores.golden_final!.n).toBe(report.scores.golden!.n)
    expect(report.scores.golden_final!.errors).toEqual({})
  })
  test('scores golden rows in any form that import reads', () => {
    expect(report.scores.golden!.n).toBe(goldenRows.length)
    expect(Object.values(report.scores.golden_dev!.error_examples).flat().map(({ expected }) => expected)).toContain('light on')
  })
  test('counts a row that does not fit as a wrong answer, and goes on', () => {
    const rows = readFileSync(join(spec.dataset, splitFiles.validation), 'utf8').trim().split('\n')
    expect(JSON.parse(rows[0]!)).toEqual(overlong)
    expect(report.validation.sft).toMatchObject({ n: rows.length, equivalent: 0 })
  })
  test('says little to the history', () => expect(JSON.stringify(resultOf(report)).length).toBeLessThan(4000))
})

test('a challenger as good as its champion is promoted, with the figures in one sentence; the final half is scored, but chooses nobody', async () => {
  // Rows of no half are compared too.
  const golden = `${spec.golden}.halves`
  writeFileSync(golden, goldenRows.map(({ part, ...row }, i) => `${JSON.stringify(i === 0 ? row : { ...row, part })}\n`).join(''))
  const again = await evaluateTraining({ ...spec, golden, champion: { report: spec.outDir, train: join(spec.dataset, 'train.jsonl') }, outDir: `${spec.outDir}-2` })
  expect(again).toMatchObject({ promote: true, comparison: { points: 0, p_value: 1, n: again.scores.test.n + 2 } })
  expect(again.scores).toMatchObject({ golden: { n: 4 }, golden_dev: { n: 1 }, golden_final: { n: 2 } })
  expect(again.verdict).toContain('not worse than the champion')
}, 120_000)

test('questions near what the champion was trained on are not compared, and counted', async () => {
  const [train, test] = ['train.jsonl', 'train_test.jsonl'].map((file) => readFileSync(join(spec.dataset, file), 'utf8'))
  const [known, ...others] = test!.trim().split('\n')
  const learned = `${spec.dataset}.champion.jsonl`
  writeFileSync(learned, `${train}${known}\n`)
  const again = await evaluateTraining({ ...spec, golden: undefined, champion: { report: spec.outDir, train: learned }, outDir: `${spec.outDir}-4` })
  expect(again.scores.test.n).toBe(others.length + 1)
  expect(again.comparison!.n + again.comparison!.left_out).toBe(again.scores.test.n)
  expect(again.comparison!.left_out).toBeGreaterThan(0)
  expect(again.verdict).toContain(`${again.comparison!.left_out} near what the champion was trained on were left out`)
}, 120_000)

test('a target, a budget and a figure that are not reached stand in report and history, and the bundle is written all the same', async () => {
  const out = `${spec.outDir}-3`
  // A kind of task with a figure of its own, told of the rows that have an answer.
  const cli = families.cli!
  vi.spyOn(cli, 'gates').mockImplementation(({ gates }) => ({ ...gates, figures: [{ name: 'right', figure: 'right', bound: { min: 0.8 } }] }))
  Object.assign(cli, { metrics: (_schema: unknown, _completion: string, { slice }: Row, { equivalent }: Score) => (slice?.case === 'positive' ? { right: Number(equivalent) } : {}) })
  onTestFinished(() => {
    vi.restoreAllMocks()
    delete (cli as { metrics?: unknown }).metrics
  })
  // Of two targets, the schema's and the configuration's, the stricter counts.
  const demanding = `${spec.schema}.demanding.yaml`
  writeFileSync(demanding, `${yaml}gates: {target: 0.9}\n`)
  const short = await evaluateTraining({ ...spec, schema: demanding, gates: { target: 0.5, latency_p95_ms: 0.001 }, outDir: out })
  expect(Object.keys(short.failed)).toEqual(['target', 'latency', 'right'])
  expect(short.gates).toMatchObject({ target: { passed: false, lower: short.scores.golden!.interval[0], target: 0.9 }, latency: { passed: false, budget: 0.001 } })
  expect(short.verdict).toMatch(/a gate is not passed .*the target is 90\.0%/)
  expect(resultOf(short)).toMatchObject({ failed: short.failed })
  expect((await openBundle(out)).manifest.name).toBe('light')
  // The validation split has its own say: which of its rows fall short of the figure, for a further round to learn from.
  const missed = { right: 'right is 0.0%, at least 80.0% is demanded' }
  expect([short.missed, resultOf(short).missed, report.missed]).toEqual([missed, missed, {}])
  expect(readFileSync(join(out, 'report.html'), 'utf8')).toContain('The validation split, which says what a further round writes more of, misses a gate: right is 0.0%')
  const validation = readFileSync(join(spec.dataset, splitFiles.validation), 'utf8').trim().split('\n').map((line) => JSON.parse(line) as Row)
  const outcomes = parseOutcomes(readFileSync(join(out, outcomesFile), 'utf8'))
  expect(outcomes.map((outcome) => outcome.short)).toEqual(validation.map(({ slice }) => (slice?.case === 'positive' ? { right: 1 } : undefined)))
  expect(report).toMatchObject({ failed: {}, gates: { target: { passed: null, target: null }, latency: { passed: null, budget: null } } })
}, 120_000)

test('a golden row that its own schema refuses is named by its line', async () => {
  const bad = `${spec.golden}.bad`
  writeFileSync(bad, `${readFileSync(spec.golden!, 'utf8').split('\n')[0]}\n{"instruction":"do it","context":null,"output":"{\\"type\\":\\"command\\",\\"command\\":\\"nope\\",\\"subcommand\\":null,\\"args\\":{},\\"flags\\":[]}","part":"dev"}\n`)
  await expect(evaluateTraining({ ...spec, golden: bad })).rejects.toThrow(InputError)
  await expect(evaluateTraining({ ...spec, golden: bad })).rejects.toThrow('line 2')
})

test('a candidate without its prompt template is refused', async () => {
  const empty = mkdtempSync(join(tmpdir(), 'clitron-evaluate-'))
  await expect(evaluateTraining({ ...spec, candidates: { sft: empty, dpo: empty } })).rejects.toThrow('prompt_template.json')
})
