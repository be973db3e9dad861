import { shown } from '../../text.ts'
import type { Problem } from '../family.ts'
import { readJson } from '../reading.ts'
import { canonicalExpression, parseExpression, type Expression, type Scalar } from './expression.ts'
import { findAction, findParameter, type Parameter, type WorkflowSchema } from './schema.ts'

/** A step as far as it can be read; whether it is right, the rules say. */
export interface Step {
  action: string
  parameters: Record<string, unknown>
  conditions?: string[]
}

export interface Workflow {
  variables?: Record<string, Scalar>
  steps: Step[]
}

/** An answer is a workflow, or (to a question, or to what is no request) words. */
export type Answer = { workflow: Workflow; response?: undefined } | { response: string; workflow?: undefined }

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)
const isScalar = (value: unknown): value is Scalar => value === null || ['string', 'number', 'boolean'].includes(typeof value)

/** The answer in a string, as far as its shape goes; `problems` of the rules json and shape. */
export function readAnswer(output: string): { answer?: Answer; problems: Problem[] } {
  const json = readJson(output)
  if (json.problems) return json
  const { value } = json
  const wrong = (message: string) => ({ problems: [{ rule: 'shape' as const, message }] })
  if (!isObject(value)) return wrong(`expected {"steps": […]} or {"response": "…"}, found ${shown(value)}`)
  const { confidence: _, ...document } = value
  if (typeof document.response === 'string') return Object.keys(document).length === 1 && document.response.trim() !== '' ? { answer: { response: document.response }, problems: [] } : wrong('expected "response" alone, with some words')
  const strange = Object.keys(document).find((key) => key !== 'steps' && key !== 'variables')
  if (strange !== undefined) return wrong(`expected "variables" and "steps", found ${shown(strange)}`)
  if (document.variables !== undefined && !(isObject(document.variables) && Object.values(document.variables).every(isScalar))) return wrong(`expected "variables" to be names with single values, found ${shown(document.variables)}`)
  const problem = stepsProblem(document.steps, '')
  if (problem) return wrong(problem)
  return { answer: { workflow: document as unknown as Workflow }, problems: [] }
}

/** Deepest nesting of steps in steps. */
export const deepest = 4

function stepsProblem(steps: unknown, inside: string, depth = 0): string | undefined {
  const place = inside ? ` of ${inside}` : ''
  if (!Array.isArray(steps)) return `expected "steps"${place} to be a list, found ${shown(steps)}`
  if (steps.length > 50) return `expected at most 50 steps${place}, found ${steps.length}`
  if (depth > deepest) return `expected at most ${deepest} levels of steps`
  for (const [index, step] of steps.entries()) {
    const at = `${inside ? `${inside}.` : ''}${index + 1}`
    if (!isObject(step)) return `expected step ${at} to be an object, found ${shown(step)}`
    if (step.parameters !== undefined && !isObject(step.parameters)) return `expected "parameters" of step ${at} to be an object, found ${shown(step.parameters)}`
    if (step.conditions !== undefined && !(Array.isArray(step.conditions) && step.conditions.every((each) => typeof each === 'string'))) return `expected "conditions" of step ${at} to be a list of texts, found ${shown(step.conditions)}`
    for (const value of Object.values(step.parameters ?? {})) {
      if (!isSteps(value)) continue
      const problem = stepsProblem(value, at, depth + 1)
      if (problem) return problem
    }
  }
  return undefined
}

/** Steps in a parameter: a list with an object in it. */
export const isSteps = (value: unknown): value is Step[] => Array.isArray(value) && value.some(isObject)

/** Every step with the steps inside it, in reading order, with where it stands ("2", "2.1"). */
export function* walk(steps: readonly Step[], inside: Step[] = [], at = ''): Generator<{ step: Step; at: string; inside: Step[] }> {
  for (const [index, step] of steps.entries()) {
    const place = `${at}${index + 1}`
    yield { step, at: place, inside }
    for (const value of Object.values(step.parameters ?? {})) if (isSteps(value)) yield* walk(value, [...inside, step], `${place}.`)
  }
}

/** A name as in `@var:name`; undefined for any other value. */
export const variableIn = (value: unknown): string | undefined => (typeof value === 'string' ? /^@var:([A-Za-z_]\w*)$/.exec(value)?.[1] : undefined)

/** The expressions of a step: its conditions, and parameters that are conditions or expressions. What cannot be read is left out. */
export function expressionsOf(schema: WorkflowSchema, step: Step): Expression[] {
  const action = findAction(schema, step.action)
  const texts = [...(step.conditions ?? []), ...Object.entries(step.parameters ?? {}).flatMap(([name, value]) => (typeof value === 'string' && /^(condition|expression)$/.test(findParameter(action ?? { parameters: [] } as never, name)?.type ?? '') ? [value] : []))]
  return texts.flatMap((text) => {
    try {
      return [parseExpression(text)]
    } catch {
      return []
    }
  })
}

/** One spelling for all that mean it: keys in the order of the language, defaults dropped, expressions as printed. Only for answers without problems. */
export function canonical(schema: WorkflowSchema, answer: Answer): Answer {
  if (answer.workflow === undefined) return { response: answer.response.replace(/\s+/g, ' ').trim() }
  const { variables = {}, steps } = answer.workflow
  return { workflow: { ...(Object.keys(variables).length > 0 && { variables }), steps: steps.map((step) => canonicalStep(schema, step)) } }
}

function canonicalStep(schema: WorkflowSchema, { action: name, parameters, conditions = [] }: Step): Step {
  const action = findAction(schema, name)!
  const kept = action.parameters.flatMap((parameter): [string, unknown][] => {
    if (!Object.hasOwn(parameters, parameter.name)) return []
    const value = canonicalValue(schema, parameter, parameters[parameter.name])
    return value === parameter.default ? [] : [[parameter.name, value]]
  })
  return { action: name, parameters: Object.fromEntries(kept), ...(conditions.length > 0 && { conditions: conditions.map(canonicalExpression) }) }
}

function canonicalValue(schema: WorkflowSchema, { type }: Parameter, value: unknown): unknown {
  if (type === 'steps') return (value as Step[]).map((step) => canonicalStep(schema, step))
  if (type === 'condition' || type === 'expression') return canonicalExpression(value as string)
  if (type === 'columns') return [value].flat()
  return value
}

export const written = (answer: Answer): string => JSON.stringify(answer.workflow ?? answer)
