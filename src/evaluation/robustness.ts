import type { Hooks } from '../dataset/hooks.ts'
import type { Row } from '../dataset/row.ts'
import { askEach } from '../inference/ask-each.ts'
import { answerOrNone, type Predictor } from '../inference/predictor.ts'
import type { TaskFamily } from '../tasks/family.ts'
import { thinned } from '../thinned.ts'
import { robustnessBounds } from './gates.ts'
import { scoreOf } from './judge.ts'
import { perturb, perturbations, swapValue, valuesByKind } from './perturb.ts'

export interface Robustness {
  rows: number
  /** Per perturbation: rows it changes, points of the equivalent rate lost by it (negative: gained), on the same rows. */
  perturbations: Record<string, { n: number; before: number; after: number; points_lost: number; examples: { instruction: string; got: string }[] }>
  /** Over all perturbed rows. */
  points_lost: number
  /** Of rows answered well, how many followed when a value in the question was exchanged. */
  swaps: { n: number; followed: number; examples: { instruction: string; expected: string; got: string }[] }
  /**
   * Of answers that were right, how many are right when the same is asked otherwise: with slips of the keyboard (error tolerance), with other noise,
   * and, where the kind of task has contexts, in another context, in which the answer has to change or to stay as the reference does. Absent in
   * reports of an earlier release.
   */
  figures?: Record<string, { n: number; kept: number }>
  passed: boolean
}

/** What people mistype; all other perturbations are noise. */
const slips = new Set(['typo', 'dropped letter'])

const shownExamples = 3
/** Each of them is asked in nine other ways. */
const rewordedRows = 160
/** Of two thirds a value can be exchanged, which is asked once: so many tell 95% from 92%. */
const swappedRows = 600

interface Asked { predictor: Predictor; family: TaskFamily; schema: unknown; rows: readonly Row[] }

/** What a model makes of the same rows asked in other ways. */
export const robustnessOf = async (asked: Asked, hooks: Hooks = {}): Promise<Robustness> => (await askOtherwise(asked, hooks)).robustness

/**
 * Asks the same rows in other ways, evenly spread ones: what must not change the answer, and what must. `predictor` remembers what it answered.
 * `kept` has, of rows that were answered rightly, the share of the other wordings and exchanged values with which they still are, 0 to 1.
 */
export async function askOtherwise({ predictor, family, schema, rows }: Asked, hooks: Hooks = {}): Promise<{ robustness: Robustness; kept: Map<Row, number> }> {
  const names = Object.keys(perturbations)
  const values = valuesByKind(family, schema, rows)
  const answered = async (row: Row) => {
    const answer = await answerOrNone(predictor.predict(row.instruction, row.context))
    return { right: scoreOf(family, schema, answer, row).equivalent, completion: answer.completion }
  }
  const reworded = thinned(rows, rewordedRows)
  const changed = (await askEach(reworded, predictor, 'asking in other words', hooks, async (row) => {
    const before = await answered(row)
    const ways: { row: Row; name: string; before: boolean; after: boolean; instruction: string; got: string }[] = []
    for (const name of names) {
      const other = perturb(name, family, schema, row)
      if (!other) continue
      const after = await answered(other)
      ways.push({ row, name, before: before.right, after: after.right, instruction: other.instruction, got: after.completion })
    }
    return ways
  })).flat()
  const swaps = (await askEach(thinned(rows, swappedRows), predictor, 'exchanging values', hooks, async (row) => {
    const swapped = swapValue(family, schema, row, values)
    if (!swapped || !(await answered(row)).right) return []
    const { right, completion } = await answered(swapped)
    return { row, followed: right, instruction: swapped.instruction, expected: swapped.output, got: completion }
  })).flat()
  const contexts = family.otherContexts && (await askEach(reworded, predictor, 'asking in another context', hooks, async (row) => {
    const others = family.otherContexts!(schema, row)
    if (others.length === 0 || !(await answered(row)).right) return []
    const right = family.completion(schema, row.output)
    const ways: { changes: boolean; right: boolean }[] = []
    for (const other of others) ways.push({ changes: family.completion(schema, other.output) !== right, right: (await answered(other)).right })
    return ways
  })).flat()
  const keptOf = (of: readonly { right: boolean }[]) => ({ n: of.length, kept: of.filter(({ right }) => right).length })
  const typed = (slip: boolean) => keptOf(changed.filter(({ name, before }) => before && slips.has(name) === slip).map(({ after }) => ({ right: after })))
  const share = (of: typeof changed, key: 'before' | 'after') => of.filter((one) => one[key]).length / Math.max(1, of.length)
  const lost = (of: typeof changed) => 100 * (share(of, 'before') - share(of, 'after'))
  const followed = swaps.filter((swap) => swap.followed).length / Math.max(1, swaps.length)
  const otherwise = Map.groupBy([...changed.flatMap(({ row, before, after }) => (before ? [{ row, right: after }] : [])), ...swaps.map(({ row, followed: right }) => ({ row, right }))], ({ row }) => row)
  const robustness: Robustness = {
    rows: reworded.length,
    perturbations: Object.fromEntries(names.map((name) => {
      const of = changed.filter((one) => one.name === name)
      const examples = of.filter(({ before, after }) => before && !after).slice(0, shownExamples).map(({ instruction, got }) => ({ instruction, got }))
      return [name, { n: of.length, before: share(of, 'before'), after: share(of, 'after'), points_lost: lost(of), examples }]
    })),
    points_lost: lost(changed),
    swaps: { n: swaps.length, followed: swaps.length ? followed : 1, examples: swaps.filter((swap) => !swap.followed).slice(0, shownExamples).map(({ instruction, expected, got }) => ({ instruction, expected, got })) },
    figures: {
      'error tolerance': typed(true), 'noise resistance': typed(false),
      ...(contexts && { 'context sensitivity': keptOf(contexts), 'context sensitivity: the answer changes': keptOf(contexts.filter(({ changes }) => changes)), 'context sensitivity: the answer stays': keptOf(contexts.filter(({ changes }) => !changes)) }),
    },
    passed: lost(changed) <= robustnessBounds.pointsLost && (swaps.length === 0 || followed >= robustnessBounds.followed),
  }
  return { robustness, kept: new Map([...otherwise].map(([row, ways]) => [row, ways.filter(({ right }) => right).length / ways.length])) }
}
