/**
 * What durability costs: the wall time of `clitron train NAME` against the same stages run one after the other without Temporal.
 *
 *   node bench/overhead.ts gh [--num 3000] [--pairs 1000]
 *
 * Both run in fresh folders on the same inputs, the bare stages first. Set-up (Python, Temporal CLI) must be done before.
 * Prints one JSON document: seconds of each, and their ratio (bar: 1.05).
 */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { execa } from 'execa'
import { parse } from 'yaml'
import { nodeCommand, pythonCommand, trainerEnvironment } from '../src/activities/commands.ts'
import { runChild } from '../src/process/run.ts'
import { llamaPaths } from '../src/setup/llama-cpp.ts'
import { loadSchema } from '../src/tasks/index.ts'
import { planBriefs } from '../src/teacher/briefs.ts'

const { positionals, values } = parseArgs({ allowPositionals: true, options: { num: { type: 'string' }, pairs: { type: 'string', default: '1000' }, root: { type: 'string', default: resolve(import.meta.dirname, '..') } } })
const name = positionals[0] ?? 'gh'
const folder = mkdtempSync(join(tmpdir(), 'clitron-overhead-'))
const schemaFile = join(values.root, 'schemas', `${name}.yaml`)
const goldenFile = schemaFile.replace(/\.yaml$/, '.golden.jsonl')

const seconds: Record<string, number> = {}
async function timed<T>(stage: string, work: () => Promise<T>): Promise<T> {
  const started = performance.now()
  const result = await work()
  seconds[stage] = (seconds[stage] ?? 0) + (performance.now() - started) / 1000
  process.stderr.write(`${stage}: ${seconds[stage]!.toFixed(1)} s\n`)
  return result
}

async function child(program: 'python' | 'node', script: string, spec: Record<string, unknown>): Promise<Record<string, unknown>> {
  const file = join(folder, `${script.replace(/\W/g, '-')}.json`)
  writeFileSync(file, JSON.stringify(spec))
  const { command, args } = program === 'python' ? await pythonCommand(script) : nodeCommand(script)
  return runChild({ command, args: [...args, file], cwd: values.root, env: trainerEnvironment(), signal: new AbortController().signal, stallSeconds: 1800, onEvent: () => {} })
}

/** The stages as a person with a shell script would run them. */
async function bare(): Promise<void> {
  const { sft: config, dpo: tuning } = parse(readFileSync(join(values.root, 'training/configs/scratch_config.yaml'), 'utf8'))
  const { convert, library } = await llamaPaths()
  const at = (...parts: string[]) => join(folder, ...parts)
  const host = await timed('check', () => child('python', 'preflight', { stage: 'preflight', name, base: 'scratch', quant: 'q4_k_m', config, output: at('preflight'), llama_cpp: { convert, library } }))
  const { device, precision } = host
  await timed('generate', async () => {
    const { family, schema } = loadSchema({ name, file: schemaFile, text: readFileSync(schemaFile, 'utf8') })
    const rows = planBriefs(family, schema, { num: values.num ? Number(values.num) : undefined, seed: 1, teacher: 'offline', base: 'scratch' }).map((brief) => ({ ...family.writeOffline(schema, brief, 1), id: brief.key }))
    writeFileSync(at('rows.jsonl'), rows.map((row) => `${JSON.stringify(row)}\n`).join(''))
  })
  await timed('dataset', () => child('node', 'dataset/run-assemble', { name, schema: schemaFile, batches: [at('rows.jsonl')], ...(existsSync(goldenFile) && { golden: goldenFile }), outDir: at('data'), seed: 1 }))
  await timed('sft', () => child('python', 'sft', { stage: 'sft', name, base: 'scratch', train: at('data/sft.train.jsonl'), validation: at('data/sft.validation.jsonl'), pieces: at('data/pieces.json'), system: '', config, work: at('sft-work'), output: at('sft'), seed: 1, device, precision }))
  const quantize = (model: string, output: string) => async () => {
    await child('python', 'quantize', { stage: 'quantize', name, model, base: 'scratch', quant: 'q4_k_m', rows: at('data/sft.validation.jsonl'), output, llama_cpp: { convert, library } })
    for (const file of ['prompt_template.json', 'metrics.jsonl']) cpSync(join(model, file), join(output, file))
  }
  await timed('export', quantize(at('sft'), at('sft-gguf')))
  await timed('preferences', () => child('node', 'inference/run-preferences', { name, schema: schemaFile, dataset: at('data'), gguf: at('sft-gguf', `clitron-${name}-q4_k_m.gguf`), pairs: Number(values.pairs), seed: 1, out: at('preferences.jsonl') }))
  await timed('dpo', () => child('python', 'dpo', { stage: 'dpo', name, model: at('sft'), preferences: at('preferences.jsonl'), config: tuning, work: at('dpo-work'), output: at('dpo'), seed: 1, device, precision }))
  await timed('quantize', quantize(at('dpo'), at('dpo-gguf')))
  await timed('eval', () => child('node', 'evaluation/run-evaluate', { name, quant: 'q4_k_m', base: 'scratch', teacher: 'offline', seed: 1, schema: schemaFile, dataset: at('data'), ...(existsSync(goldenFile) && { golden: goldenFile }), candidates: { sft: at('sft-gguf'), dpo: at('dpo-gguf') }, training: {}, outDir: at('report') }))
}

/** The same by the command, server and worker up already. */
async function durable(): Promise<number> {
  const workspace = join(folder, 'workspace')
  mkdirSync(join(workspace, 'schemas'), { recursive: true })
  mkdirSync(join(workspace, 'training/configs'), { recursive: true })
  for (const file of [schemaFile, goldenFile]) if (existsSync(file)) cpSync(file, join(workspace, 'schemas', file.slice(dirname(file).length + 1)))
  cpSync(join(values.root, 'training/configs'), join(workspace, 'training/configs'), { recursive: true })
  const run = (...args: string[]) => execa(process.execPath, [resolve(import.meta.dirname, '../bin/clitron.js'), ...args], { cwd: workspace, stdin: 'ignore' })
  await run('up')
  try {
    const started = performance.now()
    await run('train', name, '--pairs', values.pairs, ...(values.num ? ['--num', values.num] : []), '--json')
    return (performance.now() - started) / 1000
  } finally {
    await run('down')
  }
}

try {
  await bare()
  const direct = Object.values(seconds).reduce((sum, value) => sum + value, 0)
  const train = await durable()
  process.stdout.write(`${JSON.stringify({ name, direct_seconds: direct, train_seconds: train, ratio: train / direct, stages: seconds }, null, 2)}\n`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}
