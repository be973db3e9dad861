import { z } from 'zod'

/** JSON Schema of a teacher's answer as structured outputs take it: without numeric bounds. */
export function teacherFormat(answer: z.ZodType): Record<string, unknown> {
  const { $schema: _, ...format } = z.toJSONSchema(answer) as Record<string, unknown>
  return withoutBounds(format) as Record<string, unknown>
}

function withoutBounds(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(withoutBounds)
  if (node === null || typeof node !== 'object') return node
  return Object.fromEntries(Object.entries(node).filter(([key]) => key !== 'minimum' && key !== 'maximum').map(([key, value]) => [key, withoutBounds(value)]))
}
