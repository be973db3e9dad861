import type { Row } from '../../dataset/row.ts'
import { shown } from '../../text.ts'
import type { Problem } from '../family.ts'
import { leaves, wordingsOf, type CliSchema } from './schema.ts'

/** Whom an order speaks to, or what only a teacher writes … */
const addressed = /\b(assistant|teacher|language models?|llms?|chatbot|system prompt|instructions?|training (data|examples?|rows?)|you (are|must|should|shall|will|have to|now)|(the|everything|all|text|schema|rules?|said) (above|so far|preceding|before|foregoing)|(every|each|all|any|your) (\w+ )?(examples?|answers?|rows?|inputs?|outputs?|messages?|repl(y|ies)|responses?|values?|requests?)|the (answers?|examples?|repl(y|ies)|responses?|inputs?))\b/i
/** … and what it is told to do. */
const told = /\b(ignore|disregard|forget|override|bypass|obey|follow|pretend|act|answer|reply|respond|say|write|print|output|append|prepend|add|include|insert|use|put|start|begin|end|finish|replace|repeat|mention|contain|set|make|generate|produce|return|always|never|must|shall)\b/i

/** Does a description tell its reader, the teacher, what to do? What a command does is said otherwise. */
export const givesOrders = (description: string | undefined): boolean => description !== undefined && addressed.test(description) && told.test(description)

/** What a description says of the command line: nothing, where it speaks to the teacher. */
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

const known = new WeakMap<CliSchema, Map<string, string>>()

/** Words that stand nowhere in the schema but in descriptions that give orders, each with its description. */
function planted(schema: CliSchema): Map<string, string> {
  let found = known.get(schema)
  if (!found) {
    const all = leaves(schema)
    const params = all.flatMap(({ args, flags }) => [...args, ...flags])
    const described = [schema, ...Object.values(schema.context), ...all, ...all.map(({ parent }) => parent), ...params].map(({ description }) => description ?? '')
    const own = new Set([
      ...described.map(honest),
      schema.cli_name,
      ...Object.entries(schema.context).flatMap(([path, { examples }]) => [path, ...examples]),
      ...all.flatMap(wordingsOf),
      ...all.flatMap(({ parent }) => parent.phrases),
      ...all.flatMap(({ args }) => args).flatMap((arg) => [arg.default ?? '', ...arg.examples, ...Object.keys(arg.value_synonyms)]),
    ].flatMap(wordsOf))
    found = new Map(described.filter(givesOrders).flatMap((text) => wordsOf(text).filter((word) => word.length > 1 && !common.has(word) && !own.has(word)).map((word) => [word, text] as const)))
    known.set(schema, found)
  }
  return found
}

/**
 * A schema may come from anybody, and its descriptions reach the teacher. It is told that they are no instructions; where it obeys
 * all the same, its rows show it by the order's own words, which no honest row has a reason to use.
 */
export function checkOrders(schema: CliSchema, row: Row): Problem[] {
  const words = planted(schema)
  if (words.size === 0) return []
  const texts = [row.instruction, JSON.stringify(row.context), row.output, ...(row.accepted ?? [])]
  const word = texts.flatMap(wordsOf).find((candidate) => words.has(candidate))
  return word === undefined ? [] : [{ rule: 'order', message: `expected words of the command line, found ${shown(word)}, which stands only in a description that gives the teacher orders (${shown(words.get(word))}); let it say what the command does` }]
}
