import { tableOf } from '../../../text.ts'
import { sanitized } from '../clean.ts'
import type { AnalysisSchema, Task } from '../schema.ts'

/** An analysis that somebody made of a batch, in whatever words: only what can be compared. Nothing of it but `written` and `names` is personal. */
export interface FoundAnalysis {
  /** What it may call its batch, the likeliest first. */
  names: string[]
  line: number
  /** The names under which it has something, as they are written. */
  fields: string[]
  /** The parts that it has. */
  parts: ReadonlySet<Task>
  state?: string
  priority?: string
  summary?: string
  entities: Record<string, string[]>
  /** The values of the entities to the letter. */
  written: string[]
  /** Kinds of actions, or what is to be done in words. */
  actions: string[]
  hasDeadline: boolean
  /** Characters of its JSON: how much was said. */
  length: number
}

/** What people call the parts of an analysis, in any letter case, in one word or several. */
const partNames: Record<Task, readonly string[]> = {
  state: ['state', 'workflow_state', 'workflow', 'status'],
  priority: ['priority', 'priority_level', 'urgency'],
  summary: ['summary', 'overview'],
  entities: ['entities', 'key_entities', 'extracted', 'extracted_entities'],
  actions: ['actions', 'action_items', 'next_steps', 'todo', 'todos'],
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)

/** "Next Steps", "nextSteps" and "next_steps" are one. */
const plain = (name: string): string => name.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '')

/** What stands in these records under one of the names; what is null is not there. */
function finder(...records: readonly Record<string, unknown>[]): (names: readonly string[]) => unknown {
  const known = records.map((record) => new Map(Object.entries(record).flatMap(([name, value]) => (value === null ? [] : [[plain(name), value] as const]))))
  return (names) => known.flatMap((fields) => names.map((name) => fields.get(plain(name)))).find((value) => value !== undefined)
}

const field = (record: Record<string, unknown>, names: readonly string[]): unknown => finder(record)(names)

const text = (value: unknown): string | undefined => (typeof value === 'string' || typeof value === 'number' ? String(value) : undefined)
const actionNames = ['kind', 'action', 'type', 'description', 'text']
/** A list, what stands in an object by any names, or the one that there is. */
const listed = (value: unknown): unknown[] => (Array.isArray(value) ? value : isRecord(value) && field(value, actionNames) === undefined ? Object.values(value).flat() : value === undefined || value === '' ? [] : [value])
const texts = (value: unknown): string[] => (Array.isArray(value) ? value : [value]).flatMap((each) => text(isRecord(each) ? field(each, ['value', 'text', 'name']) : each) ?? [])

/** "Orders / Start" and "orders_start" are orders/start. */
const slug = (value: string): string => value.trim().toLowerCase().replace(/[\s_-]*[/:>][\s_-]*/g, '/').replace(/[\s-]+/g, '_')

/**
 * Reads an entry of a file of analyses, with the names that such files have.
 * @param key under which it stands, where the file is an object of them
 */
export function readAnalysis(schema: AnalysisSchema, value: unknown, line: number, key?: string): FoundAnalysis {
  const outer = isRecord(value) ? value : {}
  const inner = isRecord(outer.analysis) ? outer.analysis : outer
  const get = finder(inner, outer)
  const clean = (found: string) => sanitized(schema, found)
  const state = get(partNames.state)
  const stateText = (isRecord(state) ? [text(field(state, ['workflow', 'name'])), text(field(state, ['state', 'stage']))].filter(Boolean).join('/') : text(state)) || undefined
  const priority = get(partNames.priority)
  const priorityText = text(isRecord(priority) ? field(priority, ['level', 'name']) : priority) || undefined
  const summary = texts(get(partNames.summary)).join(' ') || undefined
  const [entities, actions] = [get(partNames.entities), get(partNames.actions)]
  const items = listed(actions)
  const values = valuesOf(entities)
  const has: Record<Task, boolean> = { state: stateText !== undefined, priority: priorityText !== undefined, summary: summary !== undefined, entities: entities !== undefined && entities !== '', actions: actions !== undefined && actions !== '' }
  return {
    names: namesOf(outer, inner, key),
    line,
    fields: [...new Set([...Object.keys(outer), ...Object.keys(inner)])].map(clean),
    parts: new Set((Object.keys(has) as Task[]).filter((part) => has[part])),
    ...(stateText !== undefined && { state: slug(clean(stateText)) }),
    ...(priorityText !== undefined && { priority: slug(clean(priorityText)) }),
    ...(summary !== undefined && { summary: clean(summary) }),
    entities: byType(values, clean),
    written: values.map(([, each]) => each),
    actions: items.flatMap((item) => text(isRecord(item) ? field(item, actionNames) : item) ?? []).map(clean),
    hasDeadline: items.some((item) => isRecord(item) && field(item, ['when', 'due', 'deadline']) !== undefined),
    length: JSON.stringify(value).length,
  }
}

/** What names its batch comes before the key that it stands under, and that before what may be its own. */
function namesOf(outer: Record<string, unknown>, inner: Record<string, unknown>, key: string | undefined): string[] {
  const named = (names: readonly string[]) => [outer, inner].flatMap((record) => names.map((name) => field(record, [name]))).map((found) => text(isRecord(found) ? field(found, ['id', 'batch_id', 'number', 'file']) : found))
  return [...named(['batch_id', 'batch', 'batch_number', 'batch_name', 'file', 'file_name', 'batch_file']), key, ...named(['id', 'number', 'name'])].filter((name) => name !== undefined)
}

/** With their types: {"order": ["PO-1"]}, {"order": "PO-1"}, [{"type": "order", "value": "PO-1"}] or ["PO-1"]. */
function valuesOf(value: unknown): [type: string, value: string][] {
  const typed = (type: unknown, values: unknown) => texts(values).map((each): [string, string] => [text(type) ?? 'other', each])
  if (Array.isArray(value)) return value.flatMap((each) => (isRecord(each) ? typed(field(each, ['type', 'kind', 'label']), field(each, ['value', 'text', 'name'])) : typed('other', each)))
  return isRecord(value) ? Object.entries(value).flatMap(([type, values]) => typed(type, values)) : []
}

function byType(values: readonly (readonly [string, string])[], clean: (text: string) => string): Record<string, string[]> {
  const found = tableOf<string[]>({})
  for (const [type, value] of values) (found[slug(clean(type))] ??= []).push(clean(value))
  return found
}
