import { relative } from 'node:path'
import type { Hooks } from '../../dataset/hooks.ts'
import type { Row } from '../../dataset/row.ts'
import { ExitCode, InputError } from '../../errors.ts'
import type { Task } from '../../evaluation/choose.ts'
import { scoreEnsemble } from '../../evaluation/ensemble.ts'
import type { EnsembleResults } from '../../evaluation/ensemble-results.ts'
import { range, signed } from '../../evaluation/format.ts'
import { readScorable } from '../../evaluation/score-rows.ts'
import { modelDir } from '../../paths.ts'
import { askMembers, membersOf, newToAll } from '../../registry/ensemble.ts'
import { readRegistry, type Version } from '../../registry/registry.ts'
import { ArtifactStore } from '../../store/artifacts.ts'
import { writeAtomically } from '../../store/atomic.ts'
import { quote } from '../../text.ts'
import { bold, dim, note, percent, print, printJson, showProgress, size, table, yellow } from '../print.ts'
import { readSchema } from '../schema.ts'
import { complainOfRows, heldOutFiles } from './eval.ts'

interface Options {
  data?: string
  json?: boolean
}

/** Lets versions vote on rows, and compares the vote with each of them; the result also goes to ensemble.json. Without --data: the test split and the golden set. */
export async function evaluateEnsemble(name: string, wanted: readonly number[], { data, json }: Options): Promise<void> {
  const stop = new AbortController()
  const interrupt = () => stop.abort()
  process.once('SIGINT', interrupt)
  try {
    const results = await resultsOf(name, wanted, data, { signal: stop.signal, onProgress: process.stderr.isTTY ? showProgress : undefined })
    const file = modelDir(name, 'ensemble.json')
    await writeAtomically(file, `${JSON.stringify(results, null, 2)}\n`)
    if (json) return printJson(results)
    for (const [label, set] of Object.entries(results.sets)) show(label, set, results.versions)
    print(dim(`All of it stands in ${relative(process.cwd(), file)}.`))
  } catch (error) {
    if (!stop.signal.aborted) throw error
    if (json) printJson({ name, interrupted: true })
    note('Interrupted; nothing was written.')
    process.exitCode = ExitCode.cancelled
  } finally {
    process.removeListener('SIGINT', interrupt)
  }
}

async function resultsOf(name: string, wanted: readonly number[], data: string | undefined, hooks: Hooks): Promise<EnsembleResults> {
  const { family, schema } = await readSchema(name)
  const task = { family, schema }
  const store = new ArtifactStore()
  const registry = await readRegistry(store, name)
  const members = membersOf(registry, wanted)
  const files: [label: string, file: string][] = data === undefined ? heldOutFiles(name) : [[data, data]]
  const sets = await unseenRows(files, await newToAll(store, name, members, task), members, task)
  const asked = await askMembers(store, name, members, sets.flatMap(({ rows }) => rows), hooks)
  const results: EnsembleResults = {
    name, created: new Date().toISOString(), command: `npx clitron eval ${name} --ensemble ${wanted.join(',')}${data === undefined ? '' : ` --data ${quote(data)}`}`,
    versions: members.map(({ version, dataset }, index) => ({ version, champion: version === registry.champion, dataset: dataset.sha256, bytes: asked[index]!.bytes })),
    sets: {},
  }
  let from = 0
  for (const { label, rows, left_out } of sets) {
    const answers = asked.map((each) => each.answers.slice(from, from + rows.length))
    results.sets[label] = { ...(await scoreEnsemble({ rows, members: answers, ...task })), left_out }
    from += rows.length
  }
  return results
}

/** Rows that are new to every member. What is not scored is told at once, beside a JSON document too. @throws InputError when no row is left */
async function unseenRows(files: readonly [label: string, file: string][], isNew: (row: Row) => boolean, members: readonly Version[], task: Task) {
  const versions = members.map(({ version }) => version).sort((a, b) => a - b).join(', ')
  const data = new Set(members.map(({ dataset }) => dataset.sha256)).size
  if (data > 1) note(yellow(`Versions ${versions} were trained on ${data} different datasets, so what is held out for one may be known to another; only rows that are new to all of them are scored.`))
  const sets = []
  for (const [label, file] of files) {
    const { rows, bad } = await readScorable({ ...task, file })
    complainOfRows(label, bad)
    const unseen = rows.filter(isNew)
    const left_out = rows.length - unseen.length
    if (left_out) note(yellow(`${label}: ${left_out} of ${rows.length} rows stand in the training data of one of the versions, word for word or nearly so, and were left out.`))
    if (unseen.length) sets.push({ label, rows: unseen, left_out })
  }
  if (sets.length === 0) throw new InputError(`No row is left that is new to all of the versions ${versions}; give such rows with --data FILE.`)
  return sets
}

function show(label: string, { n, members, ensemble, difference }: EnsembleResults['sets'][string], versions: EnsembleResults['versions']): void {
  const line = (who: string, { equivalent, interval, ece, auroc, latency_ms }: typeof ensemble, bytes: number) =>
    [`  ${who}`, percent(equivalent), range(interval), ece.toFixed(3), auroc?.toFixed(2) ?? '-', `${latency_ms.p50.toFixed(1)} ms`, `${latency_ms.p95.toFixed(1)} ms`, size(bytes)]
  print(`${bold(`${label}: ${percent(ensemble.equivalent)}`)} of ${n} rows equivalent by a vote (95% interval ${range(ensemble.interval)})`)
  print(table([
    ['', 'equivalent', '95%', 'calibration error', 'AUROC', 'median', 'p95', 'model'],
    ...versions.map(({ version, champion, bytes }, index) => line(`version ${version}${champion ? ' *' : ''}`, members[index]!, bytes)),
    line('the vote', ensemble, versions.reduce((sum, { bytes }) => sum + bytes, 0)),
  ]))
  const { points, interval: [low, high], only_first, only_second, p_value } = difference
  print(`  The vote against version ${versions[0]!.version}: ${signed(points)} points (${signed(low)} to ${signed(high)}), ${only_first} rows right by the vote alone, ${only_second} by the version alone, McNemar p = ${p_value.toPrecision(2)}${low <= 0 && high >= 0 ? ': no difference beyond chance' : ''}.`)
}
