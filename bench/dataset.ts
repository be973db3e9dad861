/**
 * How long it takes to check, deduplicate, split and leak-check rows, against datasketch's MinHash-LSH on the same rows (bench/datasketch_peer.py).
 *
 *   node bench/dataset.ts [--rows 1000000] [--rounds 3] [--alone]
 *
 * Rows are made from templates, so most have neighbours; one in a hundred has no valid answer, one in twenty stands there twice. Each side is a
 * process of its own, and reading the rows is timed on neither. Both take turns at a sixteenth, a quarter and all of the rows.
 * First the outputs are compared: both must refuse the same number of rows, leave none double, and ours must leave no training row near a
 * held-out one; how many the peer's approximation leaves is told. `--alone`: without the peer.
 * The peer's packages (bench/datasketch.txt) get an environment of their own in the user's cache. Prints one JSON document.
 */
import { createWriteStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { parseArgs } from 'node:util'
import { execa } from 'execa'
import { corpusOf } from '../src/dataset/corpus.ts'
import { findDuplicates } from '../src/dataset/duplicates.ts'
import { gramsOf } from '../src/dataset/grams.ts'
import { checkLeakage } from '../src/dataset/leakage.ts'
import type { Row } from '../src/dataset/row.ts'
import { similarPairs } from '../src/dataset/similar.ts'
import { heldOutNames, leakThreshold, splitNames, splitRows, type SplitName } from '../src/dataset/split.ts'
import { fold, hash53 } from '../src/dataset/text.ts'
import { checkRows } from '../src/dataset/validate.ts'
import { fakeFamily } from '../tests/fixtures/fake-family.ts'
import { exponentOf, grownTo, inTurns, median, mustHold, type Ratio, ratioWords, round, speedup, tell } from './compare.ts'
import { peerPython, runPeer } from './peers.ts'

interface Side {
  seconds: number
  stages: Record<string, number>
  peak_rss_mb: number
  accepted: number
  kept: number
}
type Ours = Side & { groups: number; dropped: number; chose_apart: boolean; leakage_passed: boolean }
type Splits = Record<SplitName, number[]>

const schema = { verbs: Array.from({ length: 60 }, (_, index) => `verb${index}`) }
const objects = ['pull request', 'issue', 'release', 'workflow run', 'branch', 'label', 'gist', 'secret', 'project', 'repository']
const openings = ['show me', 'please list', 'could you open', 'i want to close', 'merge', 'delete', 'get rid of', 'what is in', 'create a', 'edit the', 'hey, check out', 'view']
const endings = ['', ' in the browser', ' right now', ' for octocat', ' with the web flag', ', thanks', ' on main', ' as json']

function syntheticRow(index: number): Row {
  const [invalid, twice] = [index % 100 === 99, index % 20 === 19]
  // A doubled row says what the one before it says.
  const of = twice ? index - 1 : index
  const draw = (salt: string, count: number) => hash53(`${salt}${of}`, 7) % count
  const verb = schema.verbs[draw('verb', 60)]!
  const value = draw('kind', 2) ? String(draw('number', 100_000)) : hash53(`value${of}`).toString(36).slice(0, 4 + draw('length', 8))
  return {
    instruction: `${openings[draw('opening', openings.length)]} ${objects[draw('object', objects.length)]} ${value}${endings[draw('ending', endings.length)]}`,
    context: null, output: JSON.stringify({ do: invalid ? 'nothing' : verb, n: of }), id: `bench-${index}`, intent: `intent-${index >> 1}`, source: 'offline', slice: { command: verb, case: 'positive' },
  }
}

async function here(count: number, keptFile: string): Promise<Ours> {
  const rows = Array.from({ length: count }, (_, index) => syntheticRow(index))
  const stages: Record<string, number> = {}
  const timed = async <T>(stage: string, work: () => Promise<T>): Promise<T> => {
    const from = performance.now()
    const result = await work()
    stages[stage] = (performance.now() - from) / 1000
    return result
  }
  const { accepted } = await timed('check', () => checkRows(fakeFamily, schema, rows))
  const corpus = await timed('texts', () => corpusOf(fakeFamily, schema, accepted))
  const { kept } = await timed('duplicates', () => findDuplicates({ family: fakeFamily, schema, corpus }))
  const split = await timed('split', () => splitRows({ corpus, kept, seed: 1 }))
  const textsOf = (name: SplitName) => split.rows[name].map((index) => ({ text: corpus.texts[index]!, intent: corpus.intents[index]! }))
  const leakage = await timed('leakage', () => checkLeakage({ train: textsOf('train'), heldOut: { validation: textsOf('validation'), calibration: textsOf('calibration'), test: textsOf('test') } }))
  const peak = Math.round(process.resourceUsage().maxRSS / 1024)
  const numberOf = (index: number) => Number(accepted[index]!.id!.slice('bench-'.length))
  writeFileSync(keptFile, JSON.stringify(Object.fromEntries(splitNames.map((name) => [name, split.rows[name].map(numberOf)]))))
  return {
    seconds: Object.values(stages).reduce((sum, one) => sum + one, 0), stages, peak_rss_mb: peak, accepted: accepted.length,
    kept: splitNames.reduce((sum, name) => sum + split.rows[name].length, 0), groups: split.groups, dropped: split.dropped.length, chose_apart: split.choseApart, leakage_passed: leakage.passed,
  }
}

/** Training rows that are near a held-out one, by exact comparison. */
async function leaksOf(keptFile: string): Promise<number> {
  const splits = JSON.parse(readFileSync(keptFile, 'utf8')) as Splits
  const texts: string[] = []
  const added = (name: SplitName) => splits[name].map((index) => texts.push(fold(syntheticRow(index).instruction)) - 1)
  const heldOut = heldOutNames.flatMap(added)
  const train = added('train')
  mustHold(train.length > 0 && heldOut.length > 0, 'a split is empty.')
  mustHold(new Set(texts).size === texts.length, 'a text stands in the splits twice.')
  let leaks = 0
  await similarPairs({ grams: gramsOf(texts), among: heldOut, of: train, threshold: leakThreshold, onMatch: () => (leaks++, false) })
  return leaks
}

const { values, positionals } = parseArgs({ allowPositionals: true, options: { rows: { type: 'string', default: '1000000' }, rounds: { type: 'string', default: '3' }, alone: { type: 'boolean' }, here: { type: 'boolean' } } })

async function main(folder: string): Promise<void> {
  const [oursKept, peerKept, rowsFile] = ['ours.json', 'peer.json', 'rows.jsonl'].map((name) => join(folder, name)) as [string, string, string]
  const python = values.alone ? '' : await peerPython('datasketch.txt')
  const sizes: { rows: number; ours: Ours & { rows_per_second: number }; peer?: Side & { leaks: number }; ratio?: Ratio }[] = []
  for (const count of grownTo(Number(values.rows))) {
    const ours = async () => JSON.parse((await execa(process.execPath, [import.meta.filename, '--here', String(count), oursKept])).stdout) as Ours
    if (!values.alone) await pipeline(Readable.from(linesOf(count)), createWriteStream(rowsFile))
    const peer = async () => (values.alone ? undefined : runPeer<Side>(python, 'datasketch_peer.py', [rowsFile, schema.verbs.join(','), peerKept]))
    const measured = await inTurns(Number(values.rounds), ours, peer)
    const [mine, theirs] = [measured.ours[0]!, measured.peer[0]]
    mustHold(mine.leakage_passed && (await leaksOf(oursKept)) === 0, 'our own splits leak.')
    mustHold(!theirs || theirs.accepted === mine.accepted, `ours takes ${mine.accepted} rows for valid, the peer ${theirs?.accepted}.`)
    const seconds = { ours: measured.ours.map((one) => one.seconds), peer: measured.peer.flatMap((one) => one?.seconds ?? []) }
    sizes.push({
      rows: count, ours: { ...mine, seconds: median(seconds.ours), rows_per_second: Math.round(count / median(seconds.ours)) },
      ...(theirs && { peer: { ...theirs, seconds: median(seconds.peer), leaks: await leaksOf(peerKept) }, ratio: speedup(seconds.ours, seconds.peer) }),
    })
  }
  const exponent = (side: 'ours' | 'peer') => round(exponentOf(sizes.map(({ rows, ...of }) => ({ work: rows, cost: of[side]!.seconds }))))
  const { rows, ours, peer, ratio } = sizes.at(-1)!
  tell({
    what: 'check, deduplicate and split rows', rows, ...(ratio && { ratio }),
    exponent: { ours: exponent('ours'), ...(peer && { peer: exponent('peer') }) }, sizes,
  }, `${rows} rows in ${round(ours.seconds)} s and ${ours.peak_rss_mb} MB (bar: a million in 60 s and 1,000 MB), exponent ${exponent('ours')}${ratio && peer ? `; ${ratioWords(ratio)} as fast as datasketch with ${round(peer.seconds)} s and ${peer.peak_rss_mb} MB, exponent ${exponent('peer')}` : ''}`)
}

function* linesOf(count: number): Generator<string> {
  for (let index = 0; index < count; index++) {
    const { instruction, output } = syntheticRow(index)
    yield `${JSON.stringify({ instruction, output })}\n`
  }
}

if (values.here) {
  console.log(JSON.stringify(await here(Number(positionals[0]), positionals[1]!)))
} else {
  const folder = mkdtempSync(join(tmpdir(), 'clitron-bench-dataset-'))
  try {
    await main(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
