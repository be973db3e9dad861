import { existsSync } from 'node:fs'
import { relative } from 'node:path'
import { readRows } from '../../dataset/read-rows.ts'
import { range } from '../../evaluation/format.ts'
import { readScorable, type BadRow } from '../../evaluation/score-rows.ts'
import { againstUntrained, loadUntrained, type AgainstUntrained, type Side } from '../../evaluation/untrained.ts'
import { openBundle } from '../../inference/bundle.ts'
import { loadPredictor, type Predictor } from '../../inference/predictor.ts'
import { dataDir, modelDir } from '../../paths.ts'
import { loadSchema } from '../../tasks/index.ts'
import { bold, note, percent, print, printJson, showProgress, table, yellow } from '../print.ts'
import { readSchema } from '../schema.ts'
import { heldOutFiles } from './eval.ts'

interface Options {
  data?: string | undefined
  json?: boolean | undefined
}

/** What a chat model reaches with a prompt in place of a training, beside the trained model where there is one: quality, tokens, latency. */
export async function evaluateUntrained(name: string, gguf: string, { data, json }: Options): Promise<void> {
  const { family, schema } = await readSchema(name)
  const train = existsSync(dataDir(name, 'train.jsonl')) ? await readRows(dataDir(name, 'train.jsonl')) : []
  const { predictor: untrained, prompt } = await loadUntrained(gguf, { family, schema, train })
  let trained: Awaited<ReturnType<typeof openTrained>>
  try {
    trained = await openTrained(name)
    const hooks = { onProgress: process.stderr.isTTY ? showProgress : undefined }
    const found: Record<string, AgainstUntrained & { bad_rows: BadRow[] }> = {}
    for (const [label, file] of data === undefined ? heldOutFiles(name) : [[data, data] as const]) {
      const { rows, bad } = await readScorable({ family, schema, file })
      found[label] = { ...(await againstUntrained({ family, schema, train, rows, untrained, trained: trained?.predictor }, hooks)), bad_rows: bad }
    }
    for (const [label, { n, near_training: near, bad_rows: bad }] of Object.entries(found)) {
      for (const { line, message } of bad.slice(0, 10)) note(yellow(`${label}:${line}: not scored: ${message}`))
      if (near > 0) note(yellow(`${label}: ${near} of ${n} rows stand in the training data, word for word or nearly so; the trained model knows them, and the gain is too large.`))
    }
    const models = { untrained: gguf, trained: trained?.path ?? null }
    if (json) return printJson({ models, prompt, ...found })
    print(`The untrained model is told in ${prompt.tokens.toLocaleString('en')} tokens what to answer${prompt.schema ? ', with the JSON Schema of an answer' : ''}${prompt.examples ? ` and ${prompt.examples} examples of the training split` : ''}; they are read once and kept, so that its latency is that of the question.`)
    for (const [label, section] of Object.entries(found)) show(label, section, models)
  } finally {
    await untrained.close()
    await trained?.predictor.close()
  }
}

async function openTrained(name: string): Promise<{ predictor: Predictor; path: string } | undefined> {
  if (!existsSync(modelDir(name, 'clitron.json'))) return undefined
  const { schemaText, gguf, template, grammar, companion } = await openBundle(modelDir(name))
  const own = loadSchema({ name, file: `schemas/${name}.yaml`, text: schemaText })
  return { predictor: await loadPredictor({ ...own, gguf, template, grammar, companion }), path: relative(process.cwd(), gguf) }
}

function show(label: string, { n, rows, untrained, trained, gain }: AgainstUntrained, models: { untrained: string; trained: string | null }): void {
  print(`${bold(label)}: ${n === rows ? `${n} rows` : `${n} of ${rows} rows, evenly spread`}`)
  const of = (cell: (side: Side) => string) => [cell(untrained), ...(trained ? [cell(trained)] : [])]
  const count = (value: number) => value.toLocaleString('en')
  print(table([
    ['', 'untrained', ...(trained ? ['trained', 'gain'] : [])],
    ['  right', ...of(({ equivalent, interval }) => `${percent(equivalent)} (${range(interval)})`), ...(gain ? [`${gain.points.toFixed(1)} points (95% interval ${gain.interval.map((each) => each.toFixed(1)).join(' to ')}), McNemar p = ${gain.p_value.toPrecision(2)}`] : [])],
    ['  tokens of the prompt', ...of(({ tokens }) => count(tokens.prompt))],
    ['  tokens of the answer', ...of(({ tokens }) => count(tokens.answer)), ...(gain ? [`${count(gain.tokens_saved)} tokens a question`] : [])],
    ['  latency, median', ...of(({ latency_ms }) => `${latency_ms.p50.toFixed(1)} ms`), ...(gain ? [`${gain.latency_ms_saved.toFixed(1)} ms`] : [])],
    ['  latency, p95', ...of(({ latency_ms }) => `${latency_ms.p95.toFixed(1)} ms`)],
    ['  model', models.untrained, ...(models.trained === null ? [] : [models.trained])],
  ]))
  if (!trained) print('Nothing is trained yet: train, and run this again for the gain.')
}
