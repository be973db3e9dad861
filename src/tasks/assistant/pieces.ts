import { refusals } from './answer.ts'
import { clarifications } from './completion.ts'
import type { AssistantSchema } from './schema.ts'

/**
 * Strings that become single tokens: a passage's id is two of them, its section and the kind of question it answers, so that what is learned of a
 * kind ("how do i turn … off" ends in `/off`) holds for every section, and what is learned of a section for every kind. Both stand in the
 * user's text too, where the search or the last answer names passages: to quote one is to copy two tokens.
 */
export function pieces(schema: AssistantSchema): string[] {
  const ends = schema.sections.flatMap(({ id, passages }) => passages.map((passage) => passage.id.slice(id.length)))
  const quotes = schema.answers === 'quotes' ? ['{"quotes":["', '","', '"]}'] : ['{"answer":"', '"}']
  return [...new Set([
    ...quotes,
    ...schema.sections.map(({ id }) => id), ...ends,
    ...refusals.map((refusal) => JSON.stringify({ refusal })),
    ...clarifications(schema).map((each) => JSON.stringify(each)),
  ])]
}
