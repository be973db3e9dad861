import { sanitized } from '../clean.ts'
import type { AnalysisSchema } from '../schema.ts'
import { keyOf } from './records.ts'

/** An analysis that somebody made of a batch, in whatever words: only what can be compared. */
export interface FoundAnalysis {
  key: string | undefined
  line: number
  /** The names under which it has something, as they are written. */
  fields: string[]
  state?: string
  priority?: string
  summary?: string
  entities: Record<string, string[]>
  /** Kinds of actions, or what is to be done in words. */
  actions: string[]
  hasDeadline: boolean
  /** Characters of its JSON: how much was said. */
  length: number
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)

function field(record: Record<string, unknown>, names: readonly string[]): unknown {
  return names.map((name) => record[name]).find((value) => value !== undefined && value !== null)
}

const text = (value: unknown): string | undefined => (typeof value === 'string' || typeof value === 'number' ? String(value) : undefined)
const texts = (value: unknown): string[] => (Array.isArray(value) ? value : [value]).flatMap((each) => text(isRecord(each) ? field(each, ['value', 'text', 'name']) : each) ?? [])

/** "Orders / Start" and "orders_start" are orders/start. */
const slug = (value: string): string => value.trim().toLowerCase().replace(/[\s_-]*[/:>][\s_-]*/g, '/').replace(/[\s-]+/g, '_')

/** Reads an entry of a file of analyses, with the names that such files have. */
export function readAnalysis(schema: AnalysisSchema, value: unknown, line: number): FoundAnalysis {
  const outer = isRecord(value) ? value : {}
  const inner = isRecord(outer.analysis) ? outer.analysis : outer
  const get = (names: readonly string[]) => field(inner, names) ?? field(outer, names)
  const id = text(field(outer, ['batch_id', 'batch', 'batch_number', 'id', 'number', 'file']))
  const clean = (found: string | undefined) => (found === undefined ? undefined : sanitized(schema, found))
  const state = get(['state', 'workflow_state', 'workflow', 'status'])
  const stateText = isRecord(state) ? [text(state.workflow ?? state.name), text(state.state ?? state.stage)].filter(Boolean).join('/') : text(state)
  const priority = get(['priority', 'priority_level', 'urgency'])
  const actions = get(['actions', 'action_items', 'next_steps', 'todo'])
  const summary = clean(text(get(['summary', 'overview'])))
  const items = Array.isArray(actions) ? actions : []
  const priorityText = text(isRecord(priority) ? field(priority, ['level', 'name']) : priority)
  return {
    key: id === undefined ? undefined : keyOf(id),
    line,
    fields: [...new Set([...Object.keys(outer), ...Object.keys(inner)])],
    ...(stateText !== undefined && stateText !== '' && { state: slug(stateText) }),
    ...(priorityText !== undefined && { priority: slug(priorityText) }),
    ...(summary !== undefined && { summary }),
    entities: entitiesOf(get(['entities', 'key_entities', 'extracted']), (found) => sanitized(schema, found)),
    actions: items.flatMap((item) => clean(text(isRecord(item) ? field(item, ['kind', 'action', 'type', 'description', 'text']) : item)) ?? []),
    hasDeadline: items.some((item) => isRecord(item) && field(item, ['when', 'due', 'deadline']) !== undefined),
    length: JSON.stringify(value).length,
  }
}

/** By type: {"order": ["PO-1"]}, {"order": "PO-1"} or [{"type": "order", "value": "PO-1"}]. */
function entitiesOf(value: unknown, clean: (text: string) => string): Record<string, string[]> {
  const found: Record<string, string[]> = {}
  const add = (type: string, values: string[]) => {
    if (values.length) (found[slug(type)] ??= []).push(...values.map(clean))
  }
  if (Array.isArray(value)) for (const each of value) if (isRecord(each)) add(text(each.type) ?? 'other', texts(each.value))
  if (isRecord(value)) for (const [type, values] of Object.entries(value)) add(type, texts(values))
  return found
}
