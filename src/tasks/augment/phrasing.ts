import type { Row } from '../../dataset/row.ts'
import { unguard } from '../../teacher/noise.ts'
import type { Random } from '../../teacher/random.ts'
import { asTyped } from '../../teacher/typing.ts'
import { guardSaid } from './guarded.ts'
import { inTone, longestSaid, tones, withDetailFirst, withSynonym } from './rewording.ts'
import type { Variation } from './variation.ts'

/** What a family knows of the words of its rows. */
export interface Wording<S> {
  /** What the answer takes from the words: no change touches it. */
  values(schema: S, row: Row): readonly string[]
  /** Words that mean something: no slip of the fingers makes one of another. */
  known(schema: S): ReadonlySet<string>
  /** Which question back the answer is; undefined for other answers. */
  clarificationCase(schema: S, output: string): string | undefined
  /** Words that mean the same for this answer, as the schema has them. */
  synonyms?(schema: S, row: Row, guarded: string): readonly (readonly string[])[]
  /** Does the order of the words say in which order things happen? */
  ordered?(schema: S, row: Row): boolean
}

/** Requests that are what they are by their very words: with others they would be asked back otherwise, or not at all. */
const verbatim = ['unclear', 'typo_ambiguity']

const asking = /\?\s*$|^(?:what|who|how|when|which|why|is|are|will|can|may|do|does|must)\b/i

/** A value at the end, where what follows might be taken for a part of it. */
const endsInValue = /\uE001["'`]?[.!?]*$/

/** Ways to say the same in other words, those of the offline teacher: by synonyms, in another order, in another tone, as people type. */
export function phrasings<S>(wording: Wording<S>): Record<string, Variation<S>> {
  const { known, synonyms, ordered } = wording
  return {
    ...(synonyms && { synonym_replacement: reworded(wording, (schema, row, text, r) => withSynonym(text, synonyms(schema, row, text).map((words) => longestSaid(text, words)), r)) }),
    word_order_shuffling: reworded(wording, (schema, row, text, r) => (ordered?.(schema, row) ? undefined : detailFirst(text, r))),
    style_transformation: reworded(wording, (_schema, _row, text, r) => inTone(text, r, endsInValue.test(text) ? ['formal', 'curt'] : tones)),
    typing: reworded(wording, (schema, _row, text, r) => asTyped(text, { question: asking.test(text), phrasing: 'casual', fillers: true, slips: true, known: known(schema) }, r)),
  }
}

/** Behind a verb of two words ("pull in orders.csv") a small word is no detail, and "of" never is. */
function detailFirst(text: string, r: Random): string | undefined {
  const said = withDetailFirst(text, r, 3)
  return said?.startsWith('of ') ? undefined : said
}

/** A variation of the words alone. `change` gets them with the answer's values guarded, and is not asked about rows that must stay as they are. */
export function reworded<S>({ values, clarificationCase }: Wording<S>, change: (schema: S, row: Row, guarded: string, r: Random) => string | undefined): Variation<S> {
  return {
    way: 'phrasing',
    vary(schema, row, r) {
      if (verbatim.includes(clarificationCase(schema, row.output) ?? '')) return undefined
      const changed = change(schema, row, guardSaid(row.instruction, values(schema, row)), r)
      const instruction = unguard(changed ?? '').replace(/ {2,}/g, ' ').trim()
      return instruction === '' || instruction === row.instruction ? undefined : { ...row, instruction }
    },
  }
}
