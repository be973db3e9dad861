import type { Row } from '../dataset/row.ts'
import { shown } from '../text.ts'
import type { Problem } from './family.ts'

/** Whom an order speaks to, or what only a teacher writes … */
const addressed = /\b(assistant|teacher|language models?|llms?|chatbot|system prompt|instructions?|training (data|examples?|rows?)|you (are|must|should|shall|will|have to|now)|(the|everything|all|text|schema|rules?|said) (above|so far|preceding|before|foregoing)|(every|each|all|any|your) (\w+ )?(examples?|answers?|rows?|inputs?|outputs?|messages?|repl(y|ies)|responses?|values?|requests?)|the (answers?|examples?|repl(y|ies)|responses?|inputs?))\b/i
/** … and what it is told to do. */
const told = /\b(ignore|disregard|forget|override|bypass|obey|follow|pretend|act|answer|reply|respond|say|write|print|output|append|prepend|add|include|insert|use|put|start|begin|end|finish|replace|repeat|mention|contain|set|make|generate|produce|return|always|never|must|shall)\b/i

/** Does a description tell its reader, the teacher, what to do? What a command does is said otherwise. */
export const givesOrders = (description: string | undefined): boolean => description !== undefined && addressed.test(description) && told.test(description)

/** What a description says of its subject: nothing, where it speaks to the teacher. */
export const honest = (description: string | undefined): string => (description === undefined || givesOrders(description) ? '' : description)

/** Words that orders and honest requests share: they prove nothing. */
const common = new Set(
  `a about above actual after again all also always an and answer answers any append are as assistant at be been before begin below between bypass by can command commands contain contains do does each earlier end every everything
  example examples exactly field finish first flag flags following foregoing for forget from generate give given has have here if ignore in include input inputs insert instead instruction instructions into is it its json just know language last like line make
  marker may me mention message messages model more most must my name named never new no not nothing now of off on one only or other output outputs override own people please preceding prepend previous print produce prompt put repeat replace replies reply request requests respond
  response responses return row rows rules same say schema see sentence set should show so some start string subcommand such system teacher tell text than that the their them then there these they this those to token training true false up us use user users value values want was we were what
  when where which who will with without word words write yes you your yourself`.split(/\s+/),
)

const wordsOf = (text: string) => text.toLowerCase().match(/[\p{L}\p{N}_]+/gu) ?? []

/** Words of descriptions that give orders, each with its description; but for those that stand elsewhere, among the schema's `own` words. */
export function plantedWords(described: readonly string[], own: readonly string[]): Map<string, string> {
  const honestly = new Set([...described.map(honest), ...own].flatMap(wordsOf))
  return new Map(described.filter(givesOrders).flatMap((text) => wordsOf(text).filter((word) => word.length > 1 && !common.has(word) && !honestly.has(word)).map((word) => [word, text] as const)))
}

/**
 * A schema may come from anybody, and its descriptions reach the teacher. It is told that they are no instructions; where it obeys
 * all the same, its rows show it by the order's own words, which no honest row has a reason to use.
 */
export function orderProblems(planted: ReadonlyMap<string, string>, row: Row): Problem[] {
  if (planted.size === 0) return []
  const texts = [row.instruction, JSON.stringify(row.context), row.output, ...(row.accepted ?? [])]
  const word = texts.flatMap(wordsOf).find((candidate) => planted.has(candidate))
  return word === undefined ? [] : [{ rule: 'order', message: `expected words of the command line, found ${shown(word)}, which stands only in a description that gives the teacher orders (${shown(planted.get(word))}); let it say what the command does` }]
}
