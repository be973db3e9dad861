/**
 * How much faster an evaluation is by asking several questions at a time, against the same evaluation that asks one after the other.
 * After `npx clitron train gh`:
 *
 *   node bench/evaluate.ts training/models/gh [--rows 10000] [--rounds 3]
 *
 * The rows are the offline teacher's for the bundle's schema, the same every time. Both sides judge each row as `clitron eval` does: with the
 * grammar and without, timed rows included. Theirs has one predictor, which answers everything that it is asked; ours has as many as the pipeline
 * gives it, and asks nothing twice. Loading is not timed. The answers, their scores and their confidence must be the same, row by row.
 * Prints one JSON document: the ratio, rows a second, and growth at 1/16 and 1/4 of the rows.
 */
import { parseArgs } from 'node:util'
import { judgeRows } from '../src/evaluation/evaluate.ts'
import type { Judged } from '../src/evaluation/judge.ts'
import { openBundle } from '../src/inference/bundle.ts'
import { loadPredictor, type Predictor } from '../src/inference/predictor.ts'
import { loadPredictors } from '../src/inference/predictors.ts'
import { loadSchema } from '../src/tasks/index.ts'
import { exponentOf, grownTo, inTurns, median, mustHold, ratioWords, round, speedup, tell } from './compare.ts'
import { offlineRows } from './rows.ts'

const { values, positionals: [path] } = parseArgs({ allowPositionals: true, options: { rows: { type: 'string', default: '10000' }, rounds: { type: 'string', default: '3' } } })
if (!path) throw new Error('Usage: node bench/evaluate.ts BUNDLE [--rows 10000] [--rounds 3]')
const bundle = await openBundle(path)
const { name } = bundle.manifest
const task = loadSchema({ name, file: bundle.manifest.files.schema.file, text: bundle.schemaText })
const all = offlineRows(task, Number(values.rows), 7)
const files = { gguf: bundle.gguf, template: bundle.template, name, schemaText: bundle.schemaText, grammar: bundle.grammar, companion: bundle.companion, answersLike: all.map((row) => task.family.completion(task.schema, row.output)) }

interface Measured {
  seconds: number
  judged: Judged[]
  predictor: Pick<Predictor, 'atOnce'> & { threads: number; parameters: number }
}

async function measure(predictor: Predictor, count: number): Promise<Measured> {
  try {
    const started = performance.now()
    const judged = await judgeRows({ predictor, ...task, rows: all.slice(0, count), calibration: bundle.calibration })
    const { atOnce, engine: { threads, parameters } } = predictor
    return { seconds: (performance.now() - started) / 1000, judged, predictor: { atOnce, threads, parameters } }
  } finally {
    await predictor.close()
  }
}
const batched = async (count: number) => measure(await loadPredictors(files), count)
const oneByOne = async (count: number) => measure(await loadPredictor({ ...files, ...task }), count)

/** All that is said of a row but its time. */
const said = ({ judged }: Measured) => judged.map(({ latencyMs: _, ...one }) => JSON.stringify(one))

const { ours, peer } = await inTurns(Number(values.rounds), () => batched(all.length), () => oneByOne(all.length))
const reference = said(peer[0]!)
for (const side of [...ours, ...peer]) {
  const different = said(side).findIndex((row, index) => row !== reference[index])
  mustHold(different < 0, `row ${different + 1} is answered in two ways:\n${said(side)[different]}\n${reference[different]}`)
}
const right = peer[0]!.judged.filter(({ score }) => score.equivalent).length
mustHold(peer[0]!.judged.some(({ completion }) => completion !== ''), 'no row was answered.')

const seconds = { ours: ours.map((one) => one.seconds), one_at_a_time: peer.map((one) => one.seconds) }
const points: { rows: number; seconds: number }[] = []
for (const count of grownTo(all.length).slice(0, 2)) points.push({ rows: count, seconds: (await batched(count)).seconds })
points.push({ rows: all.length, seconds: median(seconds.ours) })
const ratio = speedup(seconds.ours, seconds.one_at_a_time)
tell({
  what: `evaluation of ${all.length} rows, several at a time against one at a time`, ratio, ...ours[0]!.predictor, rows: all.length, right,
  rows_per_second: { ours: all.length / median(seconds.ours), one_at_a_time: all.length / median(seconds.one_at_a_time) }, seconds,
  growth: { points, exponent: exponentOf(points.map((point) => ({ work: point.rows, cost: point.seconds }))) },
}, `${all.length} rows ${ratioWords(ratio)} as fast as one at a time (bar: 5×): ${round(all.length / median(seconds.ours))} rows a second; exponent ${round(exponentOf(points.map((point) => ({ work: point.rows, cost: point.seconds }))))}`)
