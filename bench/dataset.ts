/**
 * node bench/dataset.ts [rows=100000]
 * Checks, deduplicates, splits and leak-checks synthetic template-made rows; prints one JSON document with seconds, peak memory and rows/s.
 */
import { corpusOf } from '../src/dataset/corpus.ts'
import { findDuplicates } from '../src/dataset/duplicates.ts'
import { checkLeakage } from '../src/dataset/leakage.ts'
import type { Row } from '../src/dataset/row.ts'
import { splitNames, splitRows } from '../src/dataset/split.ts'
import { hash53 } from '../src/dataset/text.ts'
import { checkRows } from '../src/dataset/validate.ts'
import { fakeFamily } from '../tests/fixtures/fake-family.ts'

const count = Number(process.argv[2] ?? 100_000)
const schema = { verbs: Array.from({ length: 60 }, (_, index) => `verb${index}`) }
const objects = ['pull request', 'issue', 'release', 'workflow run', 'branch', 'label', 'gist', 'secret', 'project', 'repository']
const openings = ['show me', 'please list', 'could you open', 'i want to close', 'merge', 'delete', 'get rid of', 'what is in', 'create a', 'edit the', 'hey, check out', 'view']
const endings = ['', ' in the browser', ' right now', ' for octocat', ' with the web flag', ', thanks', ' on main', ' as json']

function syntheticRow(index: number): Row {
  const draw = (salt: string, of: number) => hash53(`${salt}${index}`, 7) % of
  const verb = schema.verbs[draw('verb', 60)]!
  const value = draw('kind', 2) ? String(draw('number', 100_000)) : hash53(`value${index}`).toString(36).slice(0, 4 + draw('length', 8))
  return {
    instruction: `${openings[draw('opening', openings.length)]} ${objects[draw('object', objects.length)]} ${value}${endings[draw('ending', endings.length)]}`,
    context: null, output: JSON.stringify({ do: verb, n: index }), id: `bench-${index}`, intent: `intent-${index >> 1}`, source: 'offline', slice: { command: verb, case: 'positive' },
  }
}

const started = performance.now()
const stages: Record<string, number> = {}
async function timed<T>(stage: string, work: () => Promise<T>): Promise<T> {
  const from = performance.now()
  const result = await work()
  stages[stage] = seconds(from)
  return result
}
const seconds = (from: number) => Math.round(performance.now() - from) / 1000

const rows = await timed('make', async () => Array.from({ length: count }, (_, index) => syntheticRow(index)))
const { accepted } = await timed('check', () => checkRows(fakeFamily, schema, rows))
const corpus = await timed('texts', () => corpusOf(fakeFamily, schema, accepted))
const { kept, removed } = await timed('duplicates', () => findDuplicates({ family: fakeFamily, schema, corpus }))
const split = await timed('split', () => splitRows({ corpus, kept, seed: 1 }))
const textsOf = (name: (typeof splitNames)[number]) => split.rows[name].map((index) => ({ text: corpus.texts[index]!, intent: corpus.intents[index]! }))
const leakage = await timed('leakage', () => checkLeakage({ train: textsOf('train'), heldOut: { validation: textsOf('validation'), calibration: textsOf('calibration'), test: textsOf('test') } }))

const total = seconds(started) - stages.make!
console.log(JSON.stringify({
  rows: count, seconds: Math.round(total * 1000) / 1000, rows_per_second: Math.round(count / total), peak_rss_mb: Math.round(process.resourceUsage().maxRSS / 1024), stages,
  removed: removed.length, splits: Object.fromEntries(splitNames.map((name) => [name, split.rows[name].length])), groups: split.groups,
  dropped: split.dropped.length, drop_rate: split.dropRate, chose_apart: split.choseApart, leakage_passed: leakage.passed,
}, null, 2))
