import type { Row } from '../../dataset/row.ts'
import { isFree, isQuotes, readAnswer } from './answer.ts'
import { quotedIn } from './history.ts'
import type { AssistantSchema } from './schema.ts'

const label = (id: string) => `passage ${id}`

/** Which passages a row quotes. */
export function coverage(schema: AssistantSchema, row: Row): string[] {
  const { answer } = readAnswer(row.output)
  if (!answer) return []
  return (isQuotes(answer) ? answer.quotes : isFree(answer) ? quotedIn(schema, answer.answer, row.instruction).map(({ id }) => id) : []).map(label)
}

/** Every label that `coverage` can give. */
export const coverable = (schema: AssistantSchema): string[] => schema.sections.flatMap(({ passages }) => passages.map(({ id }) => label(id)))
