import { existsSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { splitFiles } from '../dataset/assemble.ts'
import { enoughHeldOut } from '../dataset/split.ts'
import type { Hooks } from '../dataset/hooks.ts'
import { nearestNeighbour } from '../dataset/nearest.ts'
import { readRows } from '../dataset/read-rows.ts'
import type { Row } from '../dataset/row.ts'
import { DatasetReport } from '../dataset/statistics.ts'
import { GateError } from '../errors.ts'
import { askEach } from '../inference/ask-each.ts'
import { packBundle, writeBundle } from '../inference/bundle.ts'
import { calibrate, fitCalibration, type Calibration } from '../inference/calibration.ts'
import { agreement, checkParity } from '../inference/parity.ts'
import type { CompanionFile } from '../inference/companion.ts'
import { answerOrNone, type Predictor } from '../inference/predictor.ts'
import { loadPredictors, weighing } from '../inference/predictors.ts'
import type { PromptTemplate } from '../inference/template.ts'
import { defaultThresholds } from '../inference/thresholds.ts'
import { redact } from '../redact.ts'
import { writeAtomically } from '../store/atomic.ts'
import type { TaskFamily } from '../tasks/family.ts'
import { GateBounds } from '../tasks/gates.ts'
import { loadSchema } from '../tasks/index.ts'
import { thinned } from '../thinned.ts'
import { againstChampion, verdictOf } from './champion.ts'
import { chooseCandidate, chooseWeight, type Task } from './choose.ts'
import { companionReport } from './companion.ts'
import { errorAnalysis, errorAnalysisFile, errorAnalysisReport } from './error-analysis.ts'
import { judgeRows, sectionOf } from './evaluate.ts'
import { percent } from './format.ts'
import { demanded, failedGates, promotionGates } from './gates.ts'
import { drawn, readGolden, readLosses, readTemplate } from './inputs.ts'
import { mcnemar } from './intervals.ts'
import { scoreOf } from './judge.ts'
import { learningVerdict, ownSteps } from './learning.ts'
import { missedGates } from './missed.ts'
import { modelCard } from './model-card.ts'
import type { DatasetFacts, Gates, Report } from './report.ts'
import { reportPage } from './report-page.ts'
import { askOtherwise, robustnessOf } from './robustness.ts'
import { type Answered, outcomesFile } from './rounds.ts'
import { type Curves, trainingMetrics, trainingMetricsFile } from './training-metrics.ts'

export const EvaluateSpec = z.object({
  name: z.string(),
  quant: z.string(),
  base: z.string(),
  teacher: z.string(),
  seed: z.int(),
  /** The training's YAML. */
  schema: z.string(),
  /** Folder with dataset.json and the four splits. */
  dataset: z.string(),
  /** Folders with clitron-{name}-{quant}.gguf, clitron-{name}-f16.gguf, prompt_template.json, parity.jsonl and, if there, metrics.jsonl. */
  candidates: z.object({ sft: z.string(), dpo: z.string() }),
  /** Likewise of the second model, where there is one: its files are named clitron-{name}-{companion}-{quant}.gguf. */
  companion: z.string().optional(),
  /** An earlier report's folder, and the rows that its model was trained on. */
  champion: z.object({ report: z.string(), train: z.string() }).optional(),
  gates: GateBounds.optional(),
  /** Hand-written rows. */
  golden: z.string().optional(),
  /** The trainers' own figures, shown as they are. */
  training: z.record(z.string(), z.unknown()).default({}),
  /** By stage, the configuration of its trainer. */
  settings: z.record(z.string(), z.record(z.string(), z.unknown())).default({}),
  /** As shown in report and model card. */
  command: z.string().optional(),
  outDir: z.string(),
})
export type EvaluateSpec = z.infer<typeof EvaluateSpec>

/** So many rows tell a difference of two points from chance. */
const agreementRows = 1_200
/** Most points that quantization may cost. */
const quantizationPoints = 2
/** Rows on which whole distributions are compared: each token of them costs two passes. */
const klRows = 12

/**
 * Chooses between the SFT and the DPO model, checks that the file that ships is the model that was trained, calibrates it, scores it
 * on rows it never saw, compares it with the champion, and writes report, model card and bundle into `outDir`.
 * @throws GateError when the GGUF is not the trained model, or quantization costs too much; InputError for a golden row its schema refuses
 */
export async function evaluateTraining(spec: EvaluateSpec, hooks: Hooks = {}): Promise<Report> {
  const started = performance.now()
  const schemaText = await readFile(spec.schema, 'utf8')
  const { family, schema } = loadSchema({ name: spec.name, file: `schemas/${spec.name}.yaml`, text: schemaText })
  const split = (name: keyof typeof splitFiles) => readRows(join(spec.dataset, splitFiles[name]))
  // A family whose document asks for larger shares has them; of those, evenly spread ones are scored.
  const heldOut = async (name: keyof typeof enoughHeldOut) => thinned(await split(name), enoughHeldOut[name])
  const [train, validation, calibrationRows, test] = await Promise.all([split('train'), heldOut('validation'), heldOut('calibration'), heldOut('test')])
  const dataset = DatasetReport.parse(JSON.parse(await readFile(join(spec.dataset, 'dataset.json'), 'utf8')))
  const golden = spec.golden === undefined ? [] : await readGolden(spec.golden, family, schema)

  const task = { family, schema }
  const second = spec.companion === undefined ? undefined : family.companion?.(schema)
  const beside: CompanionFile | undefined = second && { gguf: join(spec.companion!, `clitron-${spec.name}-${second.name}-${spec.quant}.gguf`), template: await readTemplate(spec.companion!), weight: 0 }
  const answersLike = train.map((row) => family.completion(schema, row.output))
  const open = new Map<string, Predictor>()
  const load = async (folder: string, quant: string, companion?: CompanionFile) => {
    const gguf = join(folder, `clitron-${spec.name}-${quant}.gguf`)
    const found = open.get(gguf)
    if (found) return found
    const loaded = await loadPredictors({ gguf, template: await readTemplate(folder), companion, answersLike, name: spec.name, schemaText })
    const predictor = companion ? weighing(loaded, 0) : loaded
    open.set(gguf, predictor)
    return predictor
  }
  /** The memory of a large model is needed for the next one. */
  const close = async (predictor: Predictor) => {
    for (const [gguf, one] of open) if (one === predictor) open.delete(gguf)
    await predictor.close()
  }
  try {
    const candidates = { sft: await load(spec.candidates.sft, spec.quant, beside), dpo: await load(spec.candidates.dpo, spec.quant, beside) }
    const { chosen, choice, scores: onValidation, answers: byItself } = await chooseCandidate(candidates, validation, task, hooks)
    const folder = spec.candidates[chosen]
    const single = candidates[chosen]
    const other = candidates[chosen === 'sft' ? 'dpo' : 'sft']
    if (other !== single) await close(other)
    const counts = beside && (await chooseWeight(single, validation, task, hooks))
    const predictor = counts ? weighing(single, counts.weight) : single
    const answers = counts?.answers ?? byItself

    const full = await load(folder, 'f16')
    const parityFile = join(folder, 'parity.jsonl')
    hooks.onProgress?.({ message: 'comparing the GGUF with the trained model', step: 0, steps: 1 })
    const parity = existsSync(parityFile) ? await checkParity(parityFile, full) : null

    const calibration = await calibrationOf(predictor, calibrationRows, task, hooks)
    const judging = { predictor, ...task, calibration, baseline: nearestNeighbour(train, (row) => family.fingerprint(schema, row)) }
    const judgedTest = await judgeRows({ ...judging, rows: test }, hooks, 'scoring the test split')
    const judgedGolden = await judgeRows({ ...judging, rows: golden }, hooks, 'scoring the golden set')
    const part = (name: 'dev' | 'final') => judgedGolden.filter(({ row }) => row.part === name)
    const scores: Report['scores'] = {
      test: sectionOf(family, judgedTest),
      ...(golden.length > 0 && { golden: sectionOf(family, judgedGolden), golden_dev: sectionOf(family, part('dev')), golden_final: sectionOf(family, part('final')) }),
    }

    const quantization = spec.quant === 'f16' ? null : await quantizationGate(full, single, filledUp([...validation, ...calibrationRows, ...test], train), task, hooks)
    const robustness = await robustnessOf({ predictor, ...task, rows: test }, hooks)
    // What is only scored must not choose: a schedule would select, run by run, on the final half.
    const compared = { golden: judgedGolden.filter(({ row }) => row.part !== 'final'), test: judgedTest }
    const comparison = spec.champion && (await againstChampion({ champion: spec.champion, judged: compared, ...task, answersLike }, hooks))

    const companion = beside && (await companionReport({ companion: second!, file: beside, chosen: counts!, predictor: single, ...task, sets: { validation, test, golden } }, hooks))
    const gates = promotionGates(demanded(spec.gates ?? {}, family.gates?.(schema)), scores.golden ?? scores.test, robustness)
    const failed = failedGates(gates)
    // What is written next must not hang on rows that score: the same gates, held against the rows that choose.
    const missed = missedGates(family.gates?.(schema).figures ?? [], answers, robustness.passed ? undefined : await askOtherwise({ predictor, ...task, rows: validation }, hooks))

    const curves: Curves = { sft: await readLosses(spec.candidates.sft), dpo: await readLosses(spec.candidates.dpo), ...(second && { [second.name]: await readLosses(spec.companion!) }) }
    const near = Object.values(dataset.leakage.near_duplicates).reduce((sum, count) => sum + count, 0)
    const file = `clitron-${spec.name}-${spec.quant}.gguf`
    const report: Report = {
      name: spec.name, kind: family.kind, title: family.describe(schema).title, base: spec.base, quant: spec.quant, teacher: spec.teacher, seed: spec.seed,
      created: new Date().toISOString(), seconds: (performance.now() - started) / 1000, command: spec.command ?? `npx clitron train ${spec.name}`,
      chosen, choice, promote: comparison?.promote ?? true, verdict: verdictOf(comparison, failed),
      model: { file, bytes: (await stat(join(folder, file))).size, f16_bytes: (await stat(join(folder, `clitron-${spec.name}-f16.gguf`))).size, parameters: predictor.engine.parameters, architecture: predictor.engine.architecture },
      thresholds: defaultThresholds, scores, validation: onValidation, calibration, robustness,
      gates: {
        parity, quantization,
        leakage: { passed: dataset.leakage.passed, exact_duplicates: dataset.leakage.exact_duplicates, near_duplicates: near, two_answers: dataset.leakage.two_answers, shared_intents: dataset.leakage.shared_intents, same_wording: dataset.leakage.same_wording },
        ...gates,
      },
      failed, missed: missed.sentences,
      ...(comparison && { comparison }),
      ...(companion && { companion }),
      notes: family.notes?.(schema) ?? [],
      dataset: factsOf(dataset), training: spec.training, settings: spec.settings,
      error_analysis: [errorAnalysis(family, schema, 'test split', judgedTest), ...(part('dev').length > 0 ? [errorAnalysis(family, schema, 'development half of the golden set', part('dev'))] : [])],
      losses: { sft: drawn(curves.sft!), dpo: drawn(curves.dpo!) },
      learning: Object.fromEntries(Object.entries(curves).filter(([, points]) => points.length > 0).map(([stage, points]) => [stage, learningVerdict(ownSteps(points, (spec.training[stage] as { steps?: unknown } | undefined)?.steps))])),
    }
    await writeReport(spec.outDir, { report, curves, family, schema, schemaText, gguf: join(folder, file), template: await readTemplate(folder), ...(counts?.weight && { companion: { ...beside!, weight: counts.weight, name: second!.name } }) })
    const outcomes = answers.map(({ row, probability, error }): Answered => ({ id: row.id ?? '', ...(error !== undefined && { error }), confidence: calibrate(calibration, probability), ...(missed.short.has(row) && { short: missed.short.get(row)! }) }))
    await writeAtomically(join(spec.outDir, outcomesFile), outcomes.map((each) => `${JSON.stringify(each)}\n`).join(''))
    return report
  } finally {
    for (const predictor of open.values()) await predictor.close()
  }
}

async function calibrationOf(predictor: Predictor, rows: readonly Row[], { family, schema }: Task, hooks: Hooks): Promise<Calibration> {
  return fitCalibration(await askEach(rows, predictor, 'calibrating the confidence', hooks, async (row) => {
    const answer = await answerOrNone(predictor.predict(row.instruction, row.context))
    return { score: answer.probability, correct: scoreOf(family, schema, answer, row).equivalent }
  }))
}

/** Held-out rows first, then training rows from everywhere: the question is not how well the model answers, but whether both files answer alike. */
const filledUp = (heldOut: readonly Row[], train: readonly Row[]) => [...heldOut, ...thinned(train, Math.max(0, agreementRows - heldOut.length))].slice(0, agreementRows)

/** With fewer rows than two points need, the gate falls only when the loss is also beyond chance. */
async function quantizationGate(full: Predictor, quantized: Predictor, rows: readonly Row[], { family, schema }: Task, hooks: Hooks): Promise<Gates['quantization']> {
  const compared = rows.map((row) => ({ text: family.userText(schema, row.instruction, row.context), equivalent: (completion: string) => family.score(schema, completion, row).equivalent }))
  const report = await agreement(full, quantized, compared, { points: quantizationPoints, klRows }, hooks)
  const pValue = mcnemar(report.onlyFull, report.onlyQuantized)
  const enough = report.rows >= agreementRows
  const passed = report.passed || (!enough && pValue >= 0.05)
  if (!passed) throw new GateError(`Quantization cost ${(-report.points).toFixed(1)} points on ${report.rows} rows (${percent(report.full)} in F16, ${percent(report.quantized)} quantized); ${quantizationPoints} are allowed. Nothing was promoted; choose a larger type, for instance --quant q8_0.`)
  return { ...report, passed, p_value: pValue, enough_rows: enough }
}

interface Written {
  report: Report
  curves: Curves
  family: TaskFamily
  schema: unknown
  schemaText: string
  gguf: string
  template: PromptTemplate
  companion?: CompanionFile & { name: string }
}

/** The bundle's files, the bundle as one `.tgz`, and beside them the report; the folder is complete under its name or not at all. */
async function writeReport(outDir: string, { report, curves, family, schema, schemaText, gguf, template, companion }: Written): Promise<void> {
  await writeBundle(outDir, {
    name: report.name, kind: report.kind, gguf, quantization: report.quant, base: report.base, grammar: family.grammar(schema), template, calibration: report.calibration, thresholds: report.thresholds, companion, schemaText,
  })
  await packBundle(outDir, join(outDir, `clitron-${report.name}.tgz`))
  // They are passed on, and show people's own questions.
  const files = { 'report.json': json(report), 'report.html': reportPage(report), 'MODEL.md': modelCard(report), [trainingMetricsFile]: json(trainingMetrics(report, curves)), [errorAnalysisFile]: json(errorAnalysisReport(report)) }
  for (const [file, text] of Object.entries(files)) await writeAtomically(join(outDir, file), redact(text))
}

const json = (value: unknown) => `${JSON.stringify(value, null, 1)}\n`

const factsOf = ({ rows, splits, intents, sources, slices, distribution, diversity, rejected, removed }: DatasetReport): DatasetFacts => ({
  rows, splits, intents, sources, slices, ...(distribution && { distribution }), diversity, rejected: rejected.rows, removed,
})
