import type { Row } from '../../dataset/row.ts'
import { scoreBy, type Comparison } from '../comparing.ts'
import type { Score } from '../family.ts'
import { answerProblems, canonical, partsOf, readAnswer, type Answer } from './answer.ts'
import { factsOf, folded, invented, typedValues } from './facts.ts'
import { priorityOf } from './priority.ts'
import { findEvent, type AnalysisSchema } from './schema.ts'
import { sentenceOf, summaryText } from './summary.ts'
import { userText } from './user-text.ts'

/** Equal are answers with the same parts, whatever the order and letter case of their values. */
export const comparison = (schema: AnalysisSchema): Comparison<Answer> => ({
  read: (output) => readAnswer(output).answer,
  isAllowed: (answer) => answerProblems(schema, answer).length === 0,
  signature: (answer) => folded(JSON.stringify(canonical(schema, lowered(answer), true))),
})

const lowered = ({ entities, actions, summary, ...rest }: Answer): Answer => ({
  ...rest,
  ...(summary !== undefined && { summary: typeof summary === 'string' ? folded(summary) : summary }),
  ...(entities && { entities: Object.fromEntries(Object.entries(entities).map(([type, values]) => [type, values.map(folded)])) }),
  ...(actions && { actions: actions.map(({ kind, ...slots }) => ({ kind, ...Object.fromEntries(Object.entries(slots).flatMap(([name, value]) => (value === undefined ? [] : [[name, folded(value)]]))) }) as typeof actions[number]) }),
})

/** The ladder valid → allowed → equivalent, and the name of the first error. */
export function score(schema: AnalysisSchema, predicted: string, row: Row): Score {
  const found = scoreBy(comparison(schema), settled(schema, predicted, row), row, (answer, truth) => errorName(schema, answer, truth, textOf(schema, row)))
  return found.valid ? found : { ...found, error: 'format' }
}

export const textOf = (schema: AnalysisSchema, row: Row): string => userText(schema, row.instruction, row.context)

/** A summary in free words counts as the right one where all it names stands in the mails, and what the right one names stands in it. */
function settled(schema: AnalysisSchema, predicted: string, row: Row): string {
  const { answer } = readAnswer(predicted)
  const truth = readAnswer(row.output).answer
  if (typeof answer?.summary !== 'string' || typeof truth?.summary !== 'object') return predicted
  const right = findEvent(schema, truth.summary.pattern)
  if (!right) return predicted
  const plain = folded(answer.summary)
  const needed = right.event.summary === '' ? [] : valuesNamed(right.event.summary, truth)
  const same = plain === folded(sentenceOf(right.event.summary, truth.entities ?? {})) || (needed.length > 0 && needed.every((value) => plain.includes(folded(value))) && invented(schema, { summary: answer.summary }, textOf(schema, row)).length === 0)
  return same ? JSON.stringify({ ...answer, summary: truth.summary }) : predicted
}

const valuesNamed = (pattern: string, { entities = {} }: Answer): string[] => [...pattern.matchAll(/\{([a-z][a-z0-9_]*)\}/g)].flatMap(([, type]) => entities[type!]?.slice(0, 1) ?? [])

/** The named errors of docs/families/analysis.md, the gravest first. */
function errorName(schema: AnalysisSchema, answer: Answer, truth: Answer, text: string): string {
  if (partsOf(answer).join() !== partsOf(truth).join() || answerProblems(schema, answer).length > 0) return 'format'
  if (answer.state !== truth.state) return 'wrong state'
  if (invented(schema, answer, text).length > 0) return 'hallucination'
  const [own, right] = [typedValues(answer), typedValues(truth)]
  if ([...own].some((value) => !right.has(value))) return 'wrong entities'
  if ([...right].some((value) => !own.has(value))) return 'missing information'
  if (answer.priority !== truth.priority) return 'wrong priority'
  const kinds = ({ actions = [] }: Answer) => actions.map(({ kind }) => kind).sort()
  if (kinds(truth).some((kind) => !kinds(answer).includes(kind))) return 'missing information'
  return JSON.stringify(answer.actions) !== JSON.stringify(truth.actions) && !sameActions(schema, answer, truth) ? 'wrong action items' : 'wrong summary'
}

/** The five categories of the adaptive training plan. What is wrong in a priority, in a summary or in who does what is none of them. */
export const errorCategories = { format: 'format', 'wrong state': 'wrong state', hallucination: 'hallucination', 'wrong entities': 'wrong entities', 'missing information': 'missing information' }

const sameActions = (schema: AnalysisSchema, { actions }: Answer, other: Answer): boolean => comparison(schema).signature({ actions }) === comparison(schema).signature({ actions: other.actions })

/** Share of `of` that is in `those`; undefined where there is nothing. */
const share = (of: ReadonlySet<string>, those: ReadonlySet<string>): number | undefined => (of.size === 0 ? undefined : [...of].filter((value) => those.has(value)).length / of.size)

/**
 * The figures of docs/families/analysis.md, 0 to 1. A figure that says nothing of a row is left out: recall where there is nothing to find,
 * what the row does not ask for. Where several answers are right, the figures are those against the one that the answer comes nearest to, by
 * their mean: so all of them are about one right answer.
 */
export function metrics(schema: AnalysisSchema, predicted: string, row: Row, score: Score): Record<string, number> {
  const all = [row.output, ...(row.accepted ?? [])].map((output) => metricsAgainst(schema, predicted, { ...row, output }, score))
  return all.reduce((best, each) => (mean(Object.values(each)) > mean(Object.values(best)) ? each : best))
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length)

function metricsAgainst(schema: AnalysisSchema, predicted: string, row: Row, { allowed }: Score): Record<string, number> {
  const truth = readAnswer(row.output).answer ?? {}
  const read = readAnswer(predicted).answer
  const answer: Answer = read && allowed ? read : {}
  const text = textOf(schema, row)
  const keys = new Set(schema.entities.filter(({ key }) => key).map(({ name }) => name))
  const isKey = (value: string) => keys.has(value.slice(0, value.indexOf(' ')))
  const [own, right] = [typedValues(answer), typedValues(truth)]
  const facts = factsOf(schema, answer)
  const same = (part: 'state' | 'priority') => (truth[part] === undefined ? undefined : Number(answer[part] === truth[part]))
  const found: Record<string, number | undefined> = {
    'accuracy (state)': same('state'),
    'priority': same('priority'),
    'completeness (recall of key entities)': truth.entities && share(new Set([...right].filter(isKey)), own),
    'precision of entities': truth.entities && share(own, right),
    'recall of all entities': truth.entities && share(right, own),
    'relevance': share(facts, factsOf(schema, truth)) ?? (read && allowed ? 1 : 0),
    'coherence': read && allowed ? coherence(schema, answer, text) : 0,
    'factual correctness': facts.size === 0 ? (read && allowed ? 1 : 0) : 1 - invented(schema, answer, text).length / facts.size,
    'action items': truth.actions && Number(sameActions(schema, answer, truth)),
    'summary': truth.summary === undefined ? undefined : Number(sameSummary(schema, answer, truth, predicted, row)),
  }
  return Object.fromEntries(Object.entries(found).filter((entry): entry is [string, number] => entry[1] !== undefined))
}

function sameSummary(schema: AnalysisSchema, answer: Answer, truth: Answer, predicted: string, row: Row): boolean {
  const { summary } = readAnswer(settled(schema, predicted, row)).answer ?? {}
  return answer.summary !== undefined && (JSON.stringify(summary) === JSON.stringify(truth.summary) || summaryText(schema, answer) === summaryText(schema, truth))
}

/** Share of the ways in which an answer's parts must agree, of those that it has; 1 where it has one part only. */
export function coherence(schema: AnalysisSchema, answer: Answer, text: string): number {
  const held = agreements(schema, answer, text)
  return held.length === 0 ? 1 : held.filter((agrees) => agrees).length / held.length
}

/** Summary and state, priority and its criteria, action items and entities, summary and entities: does each pair agree? */
function agreements(schema: AnalysisSchema, answer: Answer, text: string): boolean[] {
  const { state, priority, summary, entities, actions } = answer
  if (partsOf(answer).length === 1 || state === undefined) return []
  const values = new Set(Object.values(entities ?? {}).flat().map(folded))
  const placed = typeof summary === 'object' ? findEvent(schema, summary.pattern) : undefined
  return [
    ...(placed ? [placed.state === state] : []),
    ...(priority !== undefined && actions ? [priorityOf(schema, { text, state, actions }) === priority] : []),
    ...(typeof summary === 'string' ? [...factsOf(schema, { summary })].map((value) => stands(value, values, text)) : []),
    ...(actions ?? []).flatMap(({ what }) => (what === undefined ? [] : [values.has(folded(what))])),
  ]
}

/** A free sentence may name what the mails say, too. */
const stands = (value: string, values: ReadonlySet<string>, text: string): boolean => values.has(value) || folded(text).includes(value)
