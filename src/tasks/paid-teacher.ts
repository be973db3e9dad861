import { z } from 'zod'
import type { Row } from '../dataset/row.ts'
import type { Brief, Problem, TeacherRequest } from './family.ts'

/** What every kind of task asks a paid teacher for: examples that name the item they answer. */
type ExampleShape = z.ZodType<{ brief: number }>

/**
 * What a paid teacher is sent. `system` is the same for every group of one schema (so that it is cached); the user text numbers the briefs
 * from 1. The format must be flat and closed: the API refuses free keys and large grammars.
 */
export function requestOf(system: string, briefs: readonly Brief[], example: ExampleShape): TeacherRequest {
  const items = briefs.map((brief, i) => `${i + 1}. ${Object.entries(brief.slice).map(([name, value]) => `${name}: ${value}`).join('; ')}`)
  return { system, user: `Generate ${briefs.length} diverse examples, exactly one for each item, with "brief" set to its number:\n${items.join('\n')}`, format: formatOf(z.strictObject({ examples: z.array(example) })) }
}

/** What structured output is asked for: the JSON Schema of a shape, which takes no numeric bounds. */
export function formatOf(shape: z.ZodType): Record<string, unknown> {
  const { $schema: _, ...format } = z.toJSONSchema(shape) as Record<string, unknown>
  return withoutBounds(format) as Record<string, unknown>
}

function withoutBounds(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withoutBounds)
  if (node === null || typeof node !== 'object') return node
  return Object.fromEntries(Object.entries(node).filter(([key]) => key !== 'minimum' && key !== 'maximum').map(([key, value]) => [key, withoutBounds(value)]))
}

export interface Written {
  row?: Row
  brief?: Brief
  problems: Problem[]
}

/** The teacher's examples with the briefs that they answer, each once, as `read` makes rows of them; what cannot be read or matched becomes a problem. */
export function rowsOf<E extends { brief: number }>(shape: z.ZodType<E>, briefs: readonly Brief[], answer: unknown, read: (example: E, brief: Brief) => { row: Row; problems: Problem[] }): Written[] {
  const list = (answer as { examples?: unknown } | null)?.examples
  const wrong = (message: string): Written => ({ problems: [{ rule: 'shape', message }] })
  if (!Array.isArray(list)) return [wrong('expected {"examples": […]} from the teacher')]
  const used = new Set<Brief>()
  return list.map((entry) => {
    const { data: example, error } = shape.safeParse(entry)
    if (error) return wrong(`${error.issues[0]!.path.join('.')}: ${error.issues[0]!.message}`)
    const brief = briefs[example.brief - 1]
    if (!brief || used.has(brief)) return wrong(`expected each item once, found number ${example.brief}${brief ? ' again' : ''}`)
    used.add(brief)
    return { brief, ...read(example, brief) }
  })
}
