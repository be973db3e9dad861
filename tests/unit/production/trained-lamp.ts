import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { sectionOf } from '../../../src/evaluation/evaluate.ts'
import { judge } from '../../../src/evaluation/judge.ts'
import type { Answered } from '../../../src/evaluation/rounds.ts'
import { loadAsker } from '../../../src/inference/ask.ts'
import { writeBundle } from '../../../src/inference/bundle.ts'
import { addVersion, type Version } from '../../../src/registry/registry.ts'
import { ArtifactStore } from '../../../src/store/artifacts.ts'
import { cli } from '../../../src/tasks/cli/index.ts'
import { randomModel, scratchTemplate as template } from '../inference/random-model.ts'

export const schemaText = `cli_name: lamp
description: A lamp
commands:
  - {name: "on", description: Light it, flags: [{name: dim}]}
  - {name: "off", description: Darken it, args: [{name: minutes, type: integer}]}
`
const schema = cli.parse({ name: 'lamp', file: 'lamp.yaml', text: schemaText })
const output = JSON.stringify({ type: 'command', command: 'on', subcommand: null, args: {}, flags: [], confidence: 1 })
const row = (split: string) => (instruction: string, index: number) => ({ id: `${split}-${index}`, instruction, context: null, output })
const jsonl = (rows: readonly object[]) => rows.map((each) => `${JSON.stringify(each)}\n`).join('')

/** What a train of a lamp's model leaves in the store of the current folder: random weights, and the record of what they answer. */
export async function trainLamp({ remember = (outcome: Answered) => outcome, seed = 1, train = ['shine'], schema: hash = 's' } = {}): Promise<Version> {
  const store = new ArtifactStore()
  mkdirSync('training/models/lamp', { recursive: true })
  const [report, sft, data] = ['report-', 'sft-', 'data-'].map((name) => mkdtempSync(join(process.cwd(), name)))
  await writeBundle(report!, { name: 'lamp', kind: 'cli', quantization: 'f32', base: 'scratch', template, schemaText, gguf: randomModel({ pieces: cli.pieces(schema), seed }), grammar: cli.grammar(schema), calibration: { method: 'platt', slope: 1, intercept: 0.3, rows: 9 } })
  const validation = ['light it', 'make it bright', 'lamp on', 'i cannot see'].map(row('validation'))
  const test = ['on please', 'light'].map(row('test'))
  const asker = await loadAsker(report!)
  const judged = await Promise.all([...validation, ...test].map((each) => judge(each, { predictor: asker.predictor, family: cli, schema, calibration: asker.bundle.calibration })))
  await asker.close()
  const outcomes = judged.slice(0, validation.length).map(({ row: { id }, score, confidence }) => remember({ id: id!, ...(!score.equivalent && { error: score.error ?? 'other' }), confidence }))
  writeFileSync(join(report!, 'outcomes.jsonl'), jsonl(outcomes))
  writeFileSync(join(report!, 'report.json'), JSON.stringify({ kind: 'cli', chosen: 'sft', command: 'npx clitron train lamp', scores: { test: sectionOf(cli, judged.slice(validation.length)) }, dataset: {} }))
  writeFileSync(join(report!, 'MODEL.md'), '# lamp\n')
  writeFileSync(join(report!, 'report.html'), '<html>')
  writeFileSync(join(sft!, 'tokenizer.json'), '{}')
  writeFileSync(join(sft!, 'model.safetensors'), 'weights')
  writeFileSync(join(data!, 'train.jsonl'), jsonl(train.map(row('train'))))
  writeFileSync(join(data!, 'train_val.jsonl'), jsonl(validation))
  writeFileSync(join(data!, 'train_test.jsonl'), jsonl(test))
  const [reportRef, sftRef, dataset] = [await store.putTree(report!, 'report'), await store.putTree(sft!, 'model'), await store.putTree(data!, 'dataset')]
  for (const folder of [report!, sft!, data!]) rmSync(folder, { recursive: true })
  return addVersion(store, 'lamp', { report: reportRef, sft: sftRef, dpo: sftRef, dataset, schema: hash, base: 'scratch', quant: 'f32', seed, options: {}, scores: { test: { n: 2, equivalent: 0.5 } }, verdict: 'v' }, true)
}
