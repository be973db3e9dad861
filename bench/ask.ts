/**
 * How long an answer takes, warm, and how long a whole process takes that asks once: one of the library, and `clitron ask` itself.
 * After `npx clitron train gh`:
 *
 *   node bench/ask.ts training/models/gh schemas/gh.golden.jsonl
 *
 * Prints one JSON document, in milliseconds. The questions and their context come from the rows; each is asked `--rounds` times (default 3).
 * `clitron ask` collects its context here, as people run it.
 */
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import type { Row } from '../src/dataset/row.ts'
import { loadAsker } from '../src/inference/ask.ts'
import { packageRoot } from '../src/paths.ts'

const { values, positionals } = parseArgs({ allowPositionals: true, options: { rounds: { type: 'string', default: '3' }, rows: { type: 'string', default: '200' }, threads: { type: 'string' }, once: { type: 'boolean' } } })
const [bundle, file] = positionals
if (!bundle || !file) throw new Error('Usage: node bench/ask.ts BUNDLE ROWS.jsonl [--rounds 3] [--rows 200] [--threads 1]')
const rows = readFileSync(file, 'utf8').trim().split('\n').slice(0, Number(values.rows)).map((line) => JSON.parse(line) as Row)

const started = performance.now()
const asker = await loadAsker(bundle, values.threads ? { threads: Number(values.threads) } : {})
const firstLoad = performance.now() - started

if (values.once) {
  await asker.ask(rows[0]!.instruction, rows[0]!.context)
  await asker.close()
  process.exit()
}

// llama.cpp itself is loaded once a process; a second model shows what a model costs.
const again = performance.now()
await (await loadAsker(bundle)).close()
const secondLoad = performance.now() - again

for (const row of rows.slice(0, 20)) await asker.ask(row.instruction, row.context)
const latencies: number[] = []
let answerTokens = 0
const before = asker.predictor.engine.evaluatedTokens
for (let round = 0; round < Number(values.rounds); round++) {
  for (const row of rows) {
    const { latencyMs, tokens } = await asker.predictor.predict(row.instruction, row.context)
    latencies.push(latencyMs)
    answerTokens += tokens
  }
}
latencies.sort((a, b) => a - b)
const at = (share: number) => round(latencies[Math.min(latencies.length - 1, Math.floor(share * latencies.length))]!)
/** Median of five whole processes of Node. */
const processMs = (...args: string[]) => round(Array.from({ length: 5 }, () => {
  const start = performance.now()
  execFileSync(process.execPath, args, { stdio: 'pipe' })
  return performance.now() - start
}).sort((a, b) => a - b)[2]!)

console.log(JSON.stringify({
  questions: latencies.length,
  parameters: asker.predictor.engine.parameters,
  threads: asker.predictor.engine.threads,
  latency_ms: { p50: at(0.5), p95: at(0.95) },
  tokens: { evaluated: round((asker.predictor.engine.evaluatedTokens - before) / latencies.length), answer: round(answerTokens / latencies.length) },
  load_ms: { first: round(firstLoad), model: round(secondLoad) },
  process_ms: {
    library: processMs(import.meta.filename, bundle, file, '--once'),
    clitron_ask: processMs(join(packageRoot, 'bin', 'clitron.js'), 'ask', asker.bundle.manifest.name, rows[0]!.instruction, '--model', bundle, '--json'),
  },
}, null, 1))
await asker.close()

function round(value: number): number {
  return Math.round(value * 100) / 100
}
