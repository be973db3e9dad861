import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { readRows } from '../../dataset/read-rows.ts'
import type { Row } from '../../dataset/row.ts'
import { InputError } from '../../errors.ts'
import type { Section } from '../../evaluation/evaluate.ts'
import { range } from '../../evaluation/format.ts'
import { scoreRows, type BadRow } from '../../evaluation/score-rows.ts'
import { openBundle } from '../../inference/bundle.ts'
import { checkGguf } from '../../inference/gguf.ts'
import { Calibration } from '../../inference/calibration.ts'
import type { Predictor } from '../../inference/predictor.ts'
import { loadPredictors } from '../../inference/predictors.ts'
import { PromptTemplate } from '../../inference/template.ts'
import { dataDir, modelDir, schemaFile } from '../../paths.ts'
import { bold, dim, note, percent, print, printExactly, printJson, showProgress, size, table, yellow } from '../print.ts'
import { readSchema } from '../schema.ts'

interface Options {
  data?: string
  /** A GGUF in place of the trained one. */
  model?: string
  json?: boolean
}

export interface ModelFile {
  path: string
  bytes: number
}

export type Scored = Section & { bad_rows: BadRow[]; model: ModelFile }

/** Scores any rows with the trained model, or with another file. Without --data: the test split and the golden set. */
export async function evaluateRows(name: string, { data, model, json }: Options): Promise<void> {
  const { family, schema, text } = await readSchema(name)
  const { predictor, calibration, file } = await loadModel(name, model, text)
  try {
    const train = await trainingRows(name)
    const hooks = { onProgress: process.stderr.isTTY ? showProgress : undefined }
    const score = async (rows: string): Promise<Scored> => ({ ...(await scoreRows({ predictor, family, schema, calibration, file: rows, train }, hooks)), model: file })
    if (data !== undefined) {
      const section = await score(data)
      complain(data, section)
      return json ? printJson(section) : show(data, section)
    }
    const sections: Record<string, Scored> = {}
    for (const [label, file] of heldOutFiles(name)) sections[label] = await score(file)
    for (const [label, section] of Object.entries(sections)) complain(label, section)
    if (json) return printJson(sections)
    for (const [label, section] of Object.entries(sections)) show(label, section)
  } finally {
    await predictor.close()
  }
}

/** The test split and the golden set, as far as they are here. @throws InputError when neither is */
export function heldOutFiles(name: string): [label: string, file: string][] {
  const files = Object.entries({ test: dataDir(name, 'train_test.jsonl'), golden: schemaFile(name).replace(/\.yaml$/, '.golden.jsonl') }).filter(([, file]) => existsSync(file))
  if (files.length === 0) throw new InputError(`There is neither a test split nor a golden set of ${name} here; give rows with --data FILE.`)
  return files
}

/** The trained bundle answers by its own schema; another GGUF by the present one, with the prompt template beside it. */
export async function loadModel(name: string, gguf: string | undefined, presentSchema: string): Promise<{ predictor: Predictor; calibration: Calibration | undefined; file: ModelFile }> {
  if (gguf === undefined) {
    if (!existsSync(modelDir(name, 'clitron.json'))) throw new InputError(`There is no model of ${name} in this folder yet: \`clitron train ${name}\` makes it, or give a GGUF with --model.`)
    const { template, grammar, calibration, companion, schemaText, manifest, gguf: path } = await openBundle(modelDir(name))
    return { predictor: await loadPredictors({ gguf: path, template, grammar, companion, name, schemaText }), calibration, file: { path: relative(process.cwd(), path), bytes: manifest.files.model.bytes } }
  }
  const file = { path: gguf, bytes: await checkGguf(gguf) }
  const beside = async (file: string) => readFile(join(dirname(gguf), file), 'utf8').catch(() => undefined)
  const [template, calibration] = [await beside('prompt_template.json'), await beside('calibration.json')]
  if (!template) throw new InputError(`Expected prompt_template.json beside ${gguf}: it says how the model is asked. Give a GGUF from a folder that Clitron wrote.`)
  return { predictor: await loadPredictors({ gguf, template: PromptTemplate.parse(JSON.parse(template)), name, schemaText: presentSchema }), calibration: calibration === undefined ? undefined : Calibration.parse(JSON.parse(calibration)), file }
}

/** What the model was trained on, as far as it is here. */
export async function trainingRows(name: string): Promise<Row[]> {
  const file = dataDir(name, 'train.jsonl')
  return existsSync(file) ? readRows(file) : []
}

export function show(label: string, section: Scored): void {
  const { n, equivalent, interval, valid, allowed, baseline, search, latency_ms, ece, thresholds, clarification, errors, model, tokens } = section
  print(`${bold(`${label}: ${percent(equivalent)}`)} of ${n} rows equivalent (95% interval ${range(interval)})`)
  print(table([
    ['  valid, without the grammar', percent(valid)],
    ['  allowed, without the grammar', percent(allowed)],
    ...(baseline === null ? [] : [['  lookup among the training rows', percent(baseline)]]),
    ...(search === undefined ? [] : [['  search without a model', percent(search)]]),
    ['  would execute at once', `${thresholds.execute.right} right, ${thresholds.execute.wrong} wrong`],
    ...(clarification?.recall == null ? [] : [['  asks back where it should', percent(clarification.recall)]]),
    ['  calibration error', ece.toFixed(3)],
    ['  latency', `${latency_ms.p50.toFixed(1)} ms median, ${latency_ms.p95.toFixed(1)} ms p95`],
    ['  tokens', `${tokens.prompt} of the prompt, ${tokens.answer} of the answer, median`],
    ['  model', `${model.path}, ${size(model.bytes)}`],
  ]))
  for (const [error, count] of Object.entries(errors)) {
    const example = section.error_examples[error]?.[0]
    printExactly(`  ${String(count).padStart(4)} ${error}${example ? dim(`  e.g. ${JSON.stringify(example.instruction.slice(0, 80))}`) : ''}`)
  }
}

/** Beside a JSON document too: what was not scored, or scored without being new to the model, must not go unnoticed. */
export function complain(label: string, { n, near_training, bad_rows }: Scored): void {
  complainOfRows(label, bad_rows)
  if (near_training) note(yellow(`${label}: ${near_training} of ${n} rows stand in the training data, word for word or nearly so; on new questions the score may be lower.`))
}

/** Names the first ten rows that were not scored. */
export function complainOfRows(label: string, bad: readonly BadRow[]): void {
  for (const { line, message } of bad.slice(0, 10)) note(yellow(`${label}:${line}: not scored: ${message}`))
  if (bad.length > 10) note(yellow(`… and ${bad.length - 10} more rows that were not scored`))
}
