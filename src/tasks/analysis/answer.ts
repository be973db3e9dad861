import { z } from 'zod'
import { didYouMean, oneOf, shown } from '../../text.ts'
import type { Problem } from '../family.ts'
import { readShaped } from '../reading.ts'
import { findAction, findEvent, findType, statesOf, tasks, type AnalysisSchema, type Task } from './schema.ts'

/** Longest values in characters, and the most of a kind; the grammar keeps to them too. */
export const most = { value: 80, summary: 600, values: 12, actions: 8 }

const Value = z.union([z.string(), z.number()]).transform(String).pipe(z.string().trim().min(1).max(most.value))
const Slot = Value.nullish().transform((value) => value ?? undefined)

/** An open action item: who has to do what, and by when, in the words of the mails. */
const ActionItem = z.strictObject({ kind: z.string(), who: Slot, what: Slot, when: Slot })
export type ActionItem = z.infer<typeof ActionItem>

const Values = z.union([Value, z.array(Value).max(most.values)]).transform((value) => [value].flat())

const shape = {
  state: z.string(),
  priority: z.string(),
  summary: z.union([z.string().trim().min(1).max(most.summary), z.strictObject({ pattern: z.string() })]),
  entities: z.record(z.string(), Values),
  actions: z.array(ActionItem).max(most.actions),
}

const Analysis = z.strictObject({ ...shape, confidence: z.number().optional() }).partial()

/** An analysis, or of it the one part that was asked for. */
export interface Answer {
  state?: string | undefined
  priority?: string | undefined
  /** A sentence, or the name of a pattern. */
  summary?: string | { pattern: string } | undefined
  entities?: Record<string, string[]> | undefined
  actions?: ActionItem[] | undefined
}

/** The parts that an answer has. */
export const partsOf = (answer: Answer): Task[] => tasks.filter((task) => answer[task] !== undefined)

/** The answer in a string, as far as its shape goes; `problems` of the rules json and shape. */
export function readAnswer(output: string): { answer?: Answer; problems: Problem[] } {
  const { answer, problems } = readShaped(output, () => Analysis)
  if (!answer) return { problems }
  const { confidence: _, ...parts } = answer
  const there = partsOf(parts)
  if (there.length !== 1 && there.length !== tasks.length) return { problems: [{ rule: 'shape', message: `expected all of ${tasks.join(', ')}, or one of them, found ${there.length ? there.join(', ') : 'none'}` }] }
  return { answer: parts, problems: [] }
}

/** What the schema does not allow in an answer: names that it does not declare. */
export function answerProblems(schema: AnalysisSchema, { state, priority, summary, entities = {}, actions = [] }: Answer): Problem[] {
  const unknown = (what: string, found: string, list: readonly string[]): Problem => ({ rule: 'schema', message: `expected ${what} (${oneOf(list)}), found ${shown(found)}${didYouMean(found, list)}` })
  const problems: Problem[] = []
  if (state !== undefined && !statesOf(schema).includes(state)) problems.push(unknown('a state', state, statesOf(schema)))
  const priorities = schema.priorities.map(({ name }) => name)
  if (priority !== undefined && !priorities.includes(priority)) problems.push(unknown('a priority', priority, priorities))
  if (typeof summary === 'object' && !findEvent(schema, summary.pattern)) problems.push(unknown('a pattern of the summary', summary.pattern, []))
  for (const type of Object.keys(entities)) if (!findType(schema, type)) problems.push(unknown('an entity type', type, schema.entities.map(({ name }) => name)))
  for (const { kind } of actions) if (!findAction(schema, kind)) problems.push(unknown('a kind of action', kind, schema.actions.map(({ name }) => name)))
  return problems
}

const signature = ({ kind, who = '', what = '', when = '' }: ActionItem) => JSON.stringify([kind, who, what, when])

/** The answer in the order of the schema, each value and action once, empty types left out; `sorted`: also what has no order of its own. */
export function canonical(schema: AnalysisSchema, { state, priority, summary, entities, actions }: Answer, sorted: boolean): Answer {
  const values = (list: string[]) => {
    const once = [...new Set(list)]
    return sorted ? once.sort() : once
  }
  const there = schema.entities.flatMap(({ name }): [string, string[]][] => (entities?.[name]?.length ? [[name, values(entities[name])]] : []))
  const kinds = schema.actions.map(({ name }) => name)
  const items = [...new Map((actions ?? []).map((item) => [signature(item), item])).values()].map(({ kind, who, what, when }): ActionItem => ({ kind, ...(who !== undefined && { who }), ...(what !== undefined && { what }), ...(when !== undefined && { when }) }) as ActionItem)
  return {
    ...(state !== undefined && { state }),
    ...(priority !== undefined && { priority }),
    ...(summary !== undefined && { summary }),
    ...(entities && { entities: Object.fromEntries(there) }),
    ...(actions && { actions: sorted ? items.sort((a, b) => kinds.indexOf(a.kind) - kinds.indexOf(b.kind) || (signature(a) < signature(b) ? -1 : 1)) : items }),
  }
}

/** The answer, and what is wrong with it, from its shape to its names. */
export function checkedAnswer(schema: AnalysisSchema, output: string): { answer?: Answer; problems: Problem[] } {
  const { answer, problems } = readAnswer(output)
  return answer ? { answer, problems: answerProblems(schema, answer) } : { problems }
}

function written(schema: AnalysisSchema, output: string, sorted: boolean): string {
  const { answer, problems } = checkedAnswer(schema, output)
  if (!answer || problems.length > 0) throw new Error(problems[0]!.message)
  return JSON.stringify(canonical(schema, answer, sorted))
}

/** The canonical answer, one string for all that mean it. @throws when the output does not validate */
export const completion = (schema: AnalysisSchema, output: string): string => written(schema, output, true)

/** The answer as trained on: values and actions in the order of the output, which is that of the mails. @throws when the output does not validate */
export const target = (schema: AnalysisSchema, output: string): string => written(schema, output, false)
