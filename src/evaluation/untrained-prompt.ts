import type { Row } from '../dataset/row.ts'
import type { TaskFamily } from '../tasks/family.ts'
import { thinned } from '../thinned.ts'

/** What a model that was not trained is told, in place of a training. */
export interface UntrainedPrompt {
  /** The system turn. */
  text: string
  /** Rows of the training split that stand in it. */
  examples: number
  /** Whether the JSON Schema of an answer stands in it. */
  schema: boolean
}

/** More examples of a kind of answer bring little (Brown et al. 2020 stop at 10 to 100, where they fit). */
const mostExamples = 12
/** Of the room, the schema of an answer may take so much; the examples are worth more. */
const schemaShare = 0.5

/**
 * The family's system text, the JSON Schema of an answer where it fits, and examples of different slices, as many as fit.
 * @param train rows of the training split: no others may be shown
 * @param room of the prompt, in tokens, as `count` counts them
 */
export function untrainedPrompt({ family, schema, train, room, count }: { family: TaskFamily; schema: unknown; train: readonly Row[]; room: number; count: (text: string) => number }): UntrainedPrompt {
  let text = family.systemText(schema).trim()
  const withSchema = `${text}\n\nAnswer with one line of JSON, without white space outside of strings, by this JSON Schema:\n${JSON.stringify(family.outputSchema(schema))}`
  const told = count(withSchema) <= schemaShare * room
  text = told ? withSchema : `${text}\n\nAnswer with one line of JSON, without white space outside of strings.`
  let examples = 0
  for (const row of differing(family, train)) {
    const longer = `${text}\n\nRequest:\n${family.userText(schema, row.instruction, row.context)}\nAnswer:\n${family.completion(schema, row.output)}`
    if (count(longer) > room) continue
    text = longer
    examples++
  }
  return { text, examples, schema: told }
}

/** The first rows of as many different slices as there are, spread over them. */
function differing(family: TaskFamily, rows: readonly Row[]): Row[] {
  const kinds = Map.groupBy(rows, ({ slice }) => family.slices.slice(0, 2).map((key) => slice?.[key] ?? '').join('\n'))
  const first = [...kinds.values()].map(([row]) => row!)
  // Where there are few kinds, more of each.
  const more = thinned(rows, mostExamples).filter((row) => !first.includes(row))
  return first.length >= mostExamples ? thinned(first, mostExamples) : [...first, ...more].slice(0, mostExamples)
}
