import { createHash } from 'node:crypto'
import { Random } from '../../teacher/random.ts'
import { endless, shares } from '../dealing.ts'
import type { Brief, PlanOptions } from '../family.ts'
import { mayBeAsked } from './offline/names.ts'
import { asksOf, type AssistantSchema } from './schema.ts'

/** Raised when the offline teacher or the plan would write other rows for the same schema. */
const version = 1

/** How a question may be worded; the commonest stand several times. */
const phrasings = ['plain', 'plain', 'plain', 'plain', 'casual', 'casual', 'polite', 'precise', 'terse'] as const

/**
 * Shares of the rows. Turns: a question alone; one about what was said last ("and how do i turn it off"); one that leaves what was said last.
 * Two kinds of question in one; a passage by its own words; and what is not answered from the sources.
 */
const weights = { alone: 43, follow: 13, elsewhere: 5, both: 7, words: 9, off_topic: 9, not_in_sources: 8, unclear: 4, ambiguous: 2 } as const

interface Cell { slice: Record<string, string>; touches: unknown }

const digest = (value: unknown) => createHash('sha256').update(JSON.stringify(value)).digest('hex')

/** How many briefs a plan has unless told otherwise. */
export const usualCount = (schema: AssistantSchema): number => 6 * schema.sections.reduce((sum, { passages }) => sum + passages.length, 0)

/**
 * What to ask the teacher for. A brief's slice says the section and the kind of question (`topic`, `asks`), whether something was said before
 * (`turns`), the case, and the wording.
 */
export function plan(schema: AssistantSchema, { count = usualCount(schema), seed }: PlanOptions): Brief[] {
  const briefs: Brief[] = []
  const all = Object.entries(cellsOf(schema)).filter(([, cells]) => cells.length > 0)
  const quotas = shares(count, all.map(([name]) => weights[name as keyof typeof weights]))
  all.forEach(([name, cells], i) => {
    // Few rows are spread over all cells alike, whatever their order.
    const order = new Random(`${seed}/${name}`).shuffle(cells)
    shares(quotas[i]!, order.map(() => 1)).forEach((rows, k) => {
      const { slice, touches } = order[k]!
      const touched = digest(touches)
      const phrasing = endless(new Random(`${seed}/${name}/${slice.topic}/${slice.asks}`), [...phrasings])
      for (let ordinal = 0; ordinal < rows; ordinal++) {
        const whole = { ...slice, phrasing: phrasing() }
        briefs.push({ index: briefs.length, key: digest([version, seed, whole, ordinal, touched]), slice: whole })
      }
    })
  })
  return briefs
}

function cellsOf(schema: AssistantSchema): Record<keyof typeof weights, Cell[]> {
  const sections = schema.sections.map((section) => ({ section, questions: asksOf(schema, section).filter((question) => mayBeAsked(section, question)) }))
  /** What a row depends on that speaks of other sections too, or is found by a search among all. */
  const everything = digest(schema.sections)
  const of = (turns: string, take: (questions: readonly { asks: string; follow: readonly string[] }[]) => string[]): Cell[] =>
    sections.flatMap(({ section, questions }) => take(questions).map((asks) => ({ slice: { group: section.group, topic: section.id, asks, turns, case: 'positive' }, touches: [turns === 'one' ? section : everything, schema.questions.filter((each) => asks.split(' and ').includes(each.asks))] })))
  const negative = (kind: string, uses: string, touches: unknown): Cell => ({ slice: { group: '-', topic: uses, asks: '-', turns: 'one', case: kind }, touches: [touches, schema.name] })
  return {
    alone: of('one', (questions) => questions.map(({ asks }) => asks)),
    follow: of('follow-up', (questions) => (questions.length > 1 ? questions.filter(({ follow }) => follow.length).map(({ asks }) => asks) : [])),
    elsewhere: of('change of topic', (questions) => questions.map(({ asks }) => asks)),
    both: of('one', (questions) => questions.flatMap((first) => questions.filter((second) => second !== first && second.follow.length > 0).map((second) => `${first.asks} and ${second.asks}`))),
    words: schema.general.length ? sections.flatMap(({ section }) => section.passages.filter(({ asks }) => asks !== 'signature').map((passage) => ({ slice: { group: section.group, topic: section.id, asks: passage.id.slice(section.id.length + 1), turns: 'one', case: 'positive', by: 'words' }, touches: [everything, schema.general] }))) : [],
    off_topic: [negative('off_topic', '-', schema.refusals.off_topic)],
    not_in_sources: [negative('not_in_sources', '-', [schema.refusals.not_in_sources, everything])],
    unclear: [negative('unclear', '-', schema.questions.map(({ follow }) => follow))],
    ambiguous: Object.entries(schema.ambiguous).map(([name, each]) => negative('ambiguous', name, each)),
  }
}
