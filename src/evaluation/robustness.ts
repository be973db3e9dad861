import type { Hooks } from '../dataset/hooks.ts'
import type { Row } from '../dataset/row.ts'
import { askEach } from '../inference/ask-each.ts'
import { answerOrNone, type Predictor } from '../inference/predictor.ts'
import type { TaskFamily } from '../tasks/family.ts'
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
  passed: boolean
}

const shownExamples = 3

/** Asks the same rows in other ways: what must not change the answer, and what must. */
export async function robustnessOf({ predictor, family, schema, rows }: { predictor: Predictor; family: TaskFamily; schema: unknown; rows: readonly Row[] }, hooks: Hooks = {}): Promise<Robustness> {
  const names = Object.keys(perturbations)
  const values = valuesByKind(family, schema, rows)
  const right = async (row: Row) => {
    const answer = await answerOrNone(predictor.predict(row.instruction, row.context))
    return { right: scoreOf(family, schema, answer, row).equivalent, completion: answer.completion }
  }
  const asked = await askEach(rows, predictor, 'asking in other words', hooks, async (row) => {
    const before = await right(row)
    const changed: { name: string; before: boolean; after: boolean; instruction: string; got: string }[] = []
    for (const name of names) {
      const other = perturb(name, family, schema, row)
      if (!other) continue
      const after = await right(other)
      changed.push({ name, before: before.right, after: after.right, instruction: other.instruction, got: after.completion })
    }
    const swapped = before.right ? swapValue(family, schema, row, values) : undefined
    const followed = swapped && (await right(swapped))
    return { changed, swap: followed && { followed: followed.right, instruction: swapped!.instruction, expected: swapped!.output, got: followed.completion } }
  })
  const changed = asked.flatMap((one) => one.changed)
  const swaps = asked.flatMap(({ swap }) => swap ?? [])
  const share = (of: typeof changed, key: 'before' | 'after') => of.filter((one) => one[key]).length / Math.max(1, of.length)
  const lost = (of: typeof changed) => 100 * (share(of, 'before') - share(of, 'after'))
  const followed = swaps.filter((swap) => swap.followed).length / Math.max(1, swaps.length)
  return {
    rows: rows.length,
    perturbations: Object.fromEntries(names.map((name) => {
      const of = changed.filter((one) => one.name === name)
      const examples = of.filter(({ before, after }) => before && !after).slice(0, shownExamples).map(({ instruction, got }) => ({ instruction, got }))
      return [name, { n: of.length, before: share(of, 'before'), after: share(of, 'after'), points_lost: lost(of), examples }]
    })),
    points_lost: lost(changed),
    swaps: { n: swaps.length, followed: swaps.length ? followed : 1, examples: swaps.filter((swap) => !swap.followed).slice(0, shownExamples).map(({ instruction, expected, got }) => ({ instruction, expected, got })) },
    passed: lost(changed) <= robustnessBounds.pointsLost && (swaps.length === 0 || followed >= robustnessBounds.followed),
  }
}
