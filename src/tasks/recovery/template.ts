import type { Json, Scalar } from '../tools/json.ts'

/** What the slots of messages, corrections and steps stand for. */
export type Bindings = Record<string, Scalar | undefined>

/** Slots that every cause has: the parameter it is about, what it is and should be, its name, and the command. */
export const ownSlots = ['value', 'right', 'parameter', 'command'] as const

export const slotsOf = (template: string): string[] => [...template.matchAll(/\{([^{}]+)\}/g)].map(([, name]) => name!)

/** A template with its slots filled; one that is a single slot keeps that value's type. */
export function filled(template: Scalar, bindings: Bindings): Json {
  if (typeof template !== 'string') return template
  const only = /^\{([^{}]+)\}$/.exec(template)?.[1]
  if (only !== undefined) return bindings[only] ?? ''
  return template.replace(/\{([^{}]+)\}/g, (slot, name: string) => (Object.hasOwn(bindings, name) ? String(bindings[name] ?? '') : slot))
}

export const filledAll = (templates: Readonly<Record<string, Scalar>>, bindings: Bindings): Record<string, Json> =>
  Object.fromEntries(Object.entries(templates).map(([name, template]) => [String(filled(name, bindings)), filled(template, bindings)]))

/** "read_file.path": a command, and the parameter it is about. */
export function placeOf(at: string): { command: string; parameter: string | undefined } {
  const [command = '', parameter] = at.split('.')
  return { command, parameter }
}
