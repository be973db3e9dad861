/**
 * How long an answer takes, warm: Clitron's predictor, in the process that asks, against llama.cpp's own server with the same file and grammar.
 * After `npx clitron train gh` (the first run builds the server, which needs git, cmake and a C++ compiler):
 *
 *   node bench/serve.ts training/models/gh schemas/gh.golden.jsonl [--rows 200] [--rounds 5]
 *
 * The same questions one after the other, with the same threads, on one slot. The server decodes greedily under the grammar; ours also finds the
 * model's own probability of the answer, and looks a second time where another answer may be worth more. So the ratio is that of the
 * questions which both answer alike; how many these are, and the median over all, stand beside it. No figure where fewer than half are.
 * A round gives the ratio of both sides' medians. Prints one JSON document, in milliseconds.
 */
import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import type { Row } from '../src/dataset/row.ts'
import { quantile } from '../src/evaluation/intervals.ts'
import { loadAsker } from '../src/inference/ask.ts'
import { stopsOf } from '../src/inference/modelfile.ts'
import { inTurns, median, mustHold, ratioWords, round, speedup, tell } from './compare.ts'
import { ensureLlamaServer, startLlamaServer } from './llama-server.ts'

const { values, positionals: [path, file] } = parseArgs({ allowPositionals: true, options: { rows: { type: 'string', default: '200' }, rounds: { type: 'string', default: '5' } } })
if (!path || !file) throw new Error('Usage: node bench/serve.ts BUNDLE ROWS.jsonl [--rows 200] [--rounds 5]')
const rows = readFileSync(file, 'utf8').trim().split('\n').slice(0, Number(values.rows)).map((line) => JSON.parse(line) as Row)

interface Asked {
  answers: string[]
  ms: number[]
}

const program = await ensureLlamaServer()
const { predictor, bundle, family, schema, close } = await loadAsker(path)
const { threads, contextSize } = predictor.engine
const server = await startLlamaServer({ program, gguf: bundle.gguf, threads, contextSize, grammar: bundle.grammar, stop: stopsOf(bundle.template) })
try {
  const texts = rows.map((row) => family.userText(schema, row.instruction, row.context))
  const asked = async (answer: (text: string) => Promise<string>): Promise<Asked> => {
    const result: Asked = { answers: [], ms: [] }
    for (const text of texts) {
      const started = performance.now()
      result.answers.push(await answer(text))
      result.ms.push(performance.now() - started)
    }
    return result
  }
  const ours = () => asked(async (text) => (await predictor.predictText(text)).completion)
  const peer = () => asked(async (text) => (await server.ask(bundle.template.prefix + text + bundle.template.suffix)).content)

  const { tokens_evaluated } = await server.ask(bundle.template.prefix + texts[0]! + bundle.template.suffix)
  const { length } = predictor.promptTokens(texts[0]!)
  mustHold(tokens_evaluated === length, `the prompt of "${rows[0]!.instruction}" has ${length} tokens here, and ${tokens_evaluated} in the server.`)
  // Both sides warm up, and say what is to be said again in every round.
  const [first, second] = [await ours(), await peer()]
  const measured = await inTurns(Number(values.rounds), ours, peer)
  for (const one of measured.ours) mustHold(one.answers.every((answer, index) => answer === first.answers[index]), 'our answers change from round to round.')
  for (const one of measured.peer) mustHold(one.answers.every((answer, index) => answer === second.answers[index]), 'the server\'s answers change from round to round.')
  const alike = texts.flatMap((_, index) => (first.answers[index] === second.answers[index] ? index : []))
  mustHold(2 * alike.length >= texts.length, `of ${texts.length} questions the two answer ${alike.length} alike.`)

  const p50 = (side: Asked[], of?: number[]) => side.map(({ ms }) => median(of ? of.map((index) => ms[index]!) : ms))
  const p95 = (side: Asked[]) => side.map(({ ms }) => quantile(ms, 0.95))
  const ratio = speedup(p50(measured.ours, alike), p50(measured.peer, alike))
  const told = (side: Asked[]) => ({ p50_alike: median(p50(side, alike)), p50: median(p50(side)), p95: median(p95(side)) })
  tell({
    what: "an answer, warm: the predictor against llama.cpp's server, same file, same grammar", ratio, questions: texts.length, answered_alike: alike.length, parameters: predictor.engine.parameters, threads,
    latency_ms: { ours: told(measured.ours), peer: told(measured.peer) }, all: { ratio: speedup(p50(measured.ours), p50(measured.peer)) },
  }, `${ratioWords(ratio)} as fast as llama.cpp's server (bar: 2×) on the ${alike.length} of ${texts.length} questions answered alike: median ${round(told(measured.ours).p50_alike)} ms against ${round(told(measured.peer).p50_alike)} ms`)
} finally {
  await close()
  await server.close()
}
