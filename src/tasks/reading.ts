import type { z } from 'zod'
import { shown } from '../text.ts'
import type { Problem } from './family.ts'

/** JSON in a string, or why it is none. */
export function readJson(output: string): { value: unknown; problems?: undefined } | { problems: Problem[] } {
  try {
    return { value: JSON.parse(output) }
  } catch {
    return { problems: [{ rule: 'json', message: `expected JSON, found ${shown(output)}` }] }
  }
}

/** The answer in a string, as far as it has one of the shapes; `problems` of the rules json and shape. */
export function readShaped<A>(output: string, shapeOf: (value: unknown) => z.ZodType<A>): { answer?: A; problems: Problem[] } {
  const json = readJson(output)
  if (json.problems) return json
  const checked = shapeOf(json.value).safeParse(json.value)
  if (checked.success) return { answer: checked.data, problems: [] }
  return { problems: checked.error.issues.slice(0, 5).map((issue) => ({ rule: 'shape', message: `${issue.path.join('.') || 'the answer'}: ${issue.message}` })) }
}
