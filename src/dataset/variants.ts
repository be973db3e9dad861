import type { Augmentation } from '../tasks/augment/section.ts'
import type { Problem, TaskFamily } from '../tasks/family.ts'
import { Random } from '../teacher/random.ts'
import type { Corpus } from './corpus.ts'
import { nearThreshold } from './duplicates.ts'
import { jaccard } from './grams.ts'
import { eachWithProgress } from './hooks.ts'
import type { Hooks } from './hooks.ts'
import type { Row } from './row.ts'
import { variedBy } from './statistics.ts'
import { fold } from './text.ts'
import { problemsOf } from './validate.ts'

/** A variant that is not trained on; `reason` is counted in dataset.json. */
export interface RefusedVariant {
  row: Row
  reason: string
  problems: Problem[]
}

export interface Variants {
  rows: Row[]
  refused: RefusedVariant[]
}

interface Varying {
  family: TaskFamily
  schema: unknown
  corpus: Corpus
  /** Corpus indices of the rows to vary, all of the training split. */
  origins: readonly number[]
  wanted: Augmentation
  seed: number
}

/** So many tries for each variant that is wanted: what a row can be said in is soon said. */
const triesEach = 6

/**
 * Variants of rows that people wrote, so many of each as are wanted, the ways in turn; fewer where a row can be varied in fewer. Each has the
 * lineage of its origin, passes the family's validation, and asks nothing that any row asks already. A row with further right answers is only
 * said in other words: those need not be right for other values. Deterministic; one row's variants do not depend on the others' but for doubles.
 */
export async function variantsOf({ family, schema, corpus, origins, wanted, seed }: Varying, hooks: Hooks = {}): Promise<Variants> {
  const made: Variants = { rows: [], refused: [] }
  const asked = new Map(corpus.questions.map((question, index) => [fold(question), corpus.completions[index]!]))
  await eachWithProgress('varying imported rows', origins.length, hooks, (at) => vary(origins[at]!), 8)
  return made

  function vary(index: number) {
    const { part: _, rejected: __, bookkeeping: ___, ...origin } = corpus.rows[index]!
    const r = new Random(`${seed}/variants/${origin.id}`)
    const turns = r.shuffle(waysFor(family, wanted, origin))
    const like = [seen(origin)]
    const tried = new Set<string>()
    for (let attempt = 0; turns.length > 0 && like.length <= wanted.variants && attempt < triesEach * wanted.variants; attempt++) {
      const name = r.pick(turns[attempt % turns.length]!)
      const varied = family.variations![name]!.vary(schema, origin, r.split(attempt))
      if (!varied || tried.has(JSON.stringify([varied.instruction, varied.context]))) continue
      tried.add(JSON.stringify([varied.instruction, varied.context]))
      const row: Row = { ...varied, id: `${origin.id}/${like.length}`, intent: corpus.intents[index]!, slice: { ...varied.slice, [variedBy]: name }, source: 'variant' }
      const [problem] = problemsOf(family, schema, row)
      if (problem) {
        made.refused.push({ row, reason: `validation: ${problem.rule}`, problems: [problem] })
        continue
      }
      const own = seen(row)
      const reason = doubled(own, like)
      if (reason) {
        made.refused.push({ row, reason, problems: [{ rule: 'diversity', message: `as a variant of ${origin.id} it is a${reason === 'exact duplicate' ? 'n' : ''} ${reason}` }] })
        continue
      }
      asked.set(fold(own.question), own.completion)
      like.push(own)
      made.rows.push(row)
    }
  }

  function doubled(own: Seen, like: readonly Seen[]): string | undefined {
    const known = asked.get(fold(own.question))
    if (known !== undefined) return known === own.completion ? 'exact duplicate' : 'contradiction'
    return like.some((other) => other.completion === own.completion && jaccard(other.text, own.text) >= nearThreshold && jaccard(other.question, own.question) >= nearThreshold) ? 'near duplicate' : undefined
  }

  function seen(row: Row): Seen {
    return { text: fold(family.fingerprint(schema, row)), question: family.userText(schema, row.instruction, row.context), completion: family.completion(schema, row.output) }
  }
}

/** A row as others are compared with it. */
interface Seen { text: string; question: string; completion: string }

/** The names of the variations for a row, by the way in which they vary it. */
function waysFor({ variations = {} }: TaskFamily, { ways }: Augmentation, { accepted = [] }: Row): string[][] {
  const allowed = ways.filter((way) => accepted.length === 0 || way === 'phrasing')
  return allowed.map((way) => Object.keys(variations).filter((name) => variations[name]!.way === way)).filter((names) => names.length > 0)
}
