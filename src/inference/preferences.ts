import { join } from 'node:path'
import { splitFiles } from '../dataset/assemble.ts'
import type { Hooks } from '../dataset/hooks.ts'
import { writeJsonl } from '../dataset/jsonl.ts'
import { nearestNeighbour } from '../dataset/nearest.ts'
import { readRows } from '../dataset/read-rows.ts'
import type { Row } from '../dataset/row.ts'
import { leakThreshold } from '../dataset/split.ts'
import type { TaskFamily } from '../tasks/family.ts'
import { thinned } from '../thinned.ts'
import { askEach } from './ask-each.ts'
import { unlessRefused, type Predictor } from './predictor.ts'

/** One line of preferences.jsonl; `text`, `chosen` and `rejected` are what the trainer reads. */
export interface PreferencePair {
  id: string
  instruction: string
  context: Row['context']
  text: string
  chosen: string
  rejected: string
  /** Where the rejected answer comes from: one that a person put right, the model's own error, one that did not end or parse, or a made near miss. */
  kind: 'correction' | 'model error' | 'malformed' | 'near miss'
}

export interface PreferencesOptions {
  family: TaskFamily
  schema: unknown
  predictor: Predictor
  /** Folder of the dataset's splits. */
  dataset: string
  /** The hand-written test set, in any form the family reads. */
  golden?: string | undefined
  pairs: number
  seed: number
  out: string
}

/**
 * Preference pairs for DPO: the SFT model answers fresh inputs freely (no grammar). Where it is wrong or not well-formed, its own
 * answer is rejected for the planned truth; where it is right, a hard near miss serves. What people have put right comes first, as it
 * stands. Fresh inputs that resemble a held-out row
 * or a hand-written one are left out, as from the dataset, so the tests stay unseen.
 */
export async function makePreferences({ family, schema, predictor, dataset, golden, pairs, seed, out }: PreferencesOptions, hooks: Hooks): Promise<Record<string, unknown>> {
  const heldOut = (await Promise.all((['validation', 'calibration', 'test'] as const).map((split) => readRows(join(dataset, splitFiles[split]))))).flat()
  if (golden !== undefined) heldOut.push(...(await readRows(golden, (record) => family.fromForeign(schema, record))))
  const lookup = nearestNeighbour(heldOut, (row) => family.fingerprint(schema, row))
  const seen = (row: Row) => (lookup.answer(family.fingerprint(schema, row))?.similarity ?? 0) >= leakThreshold
  const train = await readRows(join(dataset, splitFiles.train))
  const corrections = train.flatMap((row) => (row.rejected === undefined ? [] : [pairOf(row, family.target(schema, row.output), canonical(row.rejected), 'correction')])).slice(0, pairs)
  const wanted = pairs - corrections.length
  const inputs = freshRows(family, schema, wanted, seed, seen)
  // A family or teacher without fresh inputs of its own falls back to the training rows.
  if (inputs.length < wanted) inputs.push(...train.slice(0, wanted - inputs.length))

  const counts = { correction: corrections.length, 'model error': 0, malformed: 0, 'near miss': 0 }
  const found = await askEach(inputs, predictor, 'asking the fine-tuned model', hooks, async (row, index): Promise<PreferencePair | undefined> => {
    const chosen = family.target(schema, row.output)
    const answer = await unlessRefused(predictor.predict(row.instruction, row.context, { grammar: false }))
    if (!answer) return undefined
    const score = family.score(schema, answer.completion, row)
    const wrong = !score.equivalent || !answer.endedByEos
    const rejected = wrong ? answer.completion : family.nearMisses(schema, row, seed + index)[0]
    if (rejected === undefined || rejected === chosen) return undefined
    const kind = !wrong ? 'near miss' : score.valid && answer.endedByEos ? 'model error' : 'malformed'
    counts[kind] += 1
    return pairOf({ ...row, id: row.id ?? `preference-${index}` }, chosen, rejected, kind)
  })
  const made = [...corrections, ...found.filter((pair) => pair !== undefined)]
  await writeJsonl(out, made)
  return { pairs: made.length, ...(corrections.length > 0 && { corrections: corrections.length }), model_errors: counts['model error'], malformed: counts.malformed, near_misses: counts['near miss'] }

  function pairOf(row: Row, chosen: string, rejected: string, kind: PreferencePair['kind']): PreferencePair {
    return { id: row.id!, instruction: row.instruction, context: row.context, text: family.userText(schema, row.instruction, row.context), chosen, rejected, kind }
  }

  /** As the model would have written it; what is no answer of the schema stays as it is. */
  function canonical(output: string): string {
    try {
      return family.target(schema, output)
    } catch {
      return output
    }
  }
}

/** Another seed than the dataset's, so that the inputs are new to the model; the planned truth is the ideal answer. */
function freshRows(family: TaskFamily, schema: unknown, count: number, seed: number, seen: (row: Row) => boolean): Row[] {
  const freshSeed = seed + 500_009
  const rows: Row[] = []
  for (const brief of family.plan(schema, { count: Math.ceil(count * 1.3), seed: freshSeed })) {
    const row = { ...family.writeOffline(schema, brief, freshSeed), id: `fresh-${brief.index}` }
    if (family.validate(schema, row).length === 0 && !seen(row)) rows.push(row)
  }
  // A plan is ordered by what it covers.
  return thinned(rows, count)
}
