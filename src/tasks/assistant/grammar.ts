import { literal, Rules, stringRule } from '../gbnf.ts'
import { refusals } from './answer.ts'
import { clarifications } from './completion.ts'
import { mostQuotes, type AssistantSchema } from './schema.ts'

const cached = new WeakMap<AssistantSchema, string>()

/** Longest answer in own words, in characters. */
const longestAnswer = 1_200

/** GBNF (llama.cpp's dialect) that accepts exactly the answers as trained: one to three passages that there are, a refusal, a question back; in `free` schemas words. */
export function grammar(schema: AssistantSchema): string {
  let text = cached.get(schema)
  if (text === undefined) cached.set(schema, (text = write(schema)))
  return text
}

function write(schema: AssistantSchema): string {
  const rules = new Rules()
  const others = [...refusals.map((refusal) => JSON.stringify({ refusal })), ...clarifications(schema).map((each) => JSON.stringify(each))].map(literal)
  if (schema.answers === 'free') return `root ::= ${[`${literal('{"answer":')} ${stringRule(rules, longestAnswer)} "}"`, ...others].join(' | ')}\n${rules.text()}`
  const sections = schema.sections.map(({ id, passages }) => {
    const ends = passages.map((passage) => literal(passage.id.slice(id.length))).join(' | ')
    return rules.name(`${literal(id)} ${passages.length > 1 ? rules.name(`(${ends})`) : ends}`)
  })
  const passage = rules.name(sections.join(' | '), 'passage')
  return `root ::= ${[`${literal('{"quotes":["')} ${passage} (${literal('","')} ${passage}){0,${mostQuotes - 1}} ${literal('"]}')}`, ...others].join(' | ')}\n${rules.text()}`
}
