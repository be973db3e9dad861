import { z } from 'zod'
import { didYouMean, oneOf, shown } from '../../text.ts'
import type { Problem } from '../family.ts'
import { isSteps, variableIn, walk, expressionsOf, type Step, type Workflow } from './document.ts'
import { parseExpression, partsOf } from './expression.ts'
import { findAction, findParameter, type Parameter, type Rule, type WorkflowSchema } from './schema.ts'

const Names = z.array(z.string()).min(1)

/** What a check finds wrong, with the step ("2.1: …") where there is one. */
type Check<P> = (schema: WorkflowSchema, workflow: Workflow, parameters: P) => string[]

interface Definition { parameters: z.ZodType; names: (parameters: any) => string[]; find: Check<any> }

function define<T extends z.ZodRawShape>(shape: T, find: Check<z.output<z.ZodObject<T>>>, names: (parameters: z.output<z.ZodObject<T>>) => string[] = () => []): Definition {
  return { parameters: z.strictObject({ is: z.string(), ...shape }), names, find }
}

/** The checks that a rule of the YAML can name. */
export const checks: Record<string, Definition> = {
  /** Every step has these fields, perhaps those, and no others. */
  step_fields: define({ fields: Names, optional: z.array(z.string()).default([]) }, (_schema, { steps }, { fields, optional }) =>
    [...walk(steps)].flatMap(({ step, at }) => [
      ...fields.filter((field) => !Object.hasOwn(step, field)).map((field) => `step ${at} has no ${shown(field)}`),
      ...Object.keys(step).filter((key) => !fields.includes(key) && !optional.includes(key)).map((key) => `step ${at} has the unknown field ${shown(key)}${didYouMean(key, [...fields, ...optional])}`),
    ])),
  /** Every `@var:name` is declared, by the workflow or by the language. */
  variables_declared: define({}, (schema, workflow) => {
    const known = [...Object.keys(workflow.variables ?? {}), ...Object.keys(schema.variables)]
    return [...new Set(variablesOf(schema, workflow))].filter((name) => !known.includes(name)).map((name) => `the variable ${shown(name)} is declared nowhere${didYouMean(name, known)}`)
  }),
  steps_between: define({ least: z.int().min(0), most: z.int().min(1).max(50) }, (_schema, { steps }, { least, most }) =>
    steps.length < least || steps.length > most ? [`there are ${steps.length} steps; ${least} to ${most} are allowed`] : []),
  known_actions: define({}, (schema, { steps }) =>
    [...walk(steps)].filter(({ step }) => !findAction(schema, step.action)).map(({ step, at }) => `step ${at} has the unknown action ${shown(step.action)}${didYouMean(String(step.action), schema.actions.map(({ name }) => name))}`)),
  known_parameters: define({}, (schema, { steps }) => eachParameter(schema, steps, ({ at, name, value, parameter, known }) => {
    if (!parameter) return [`step ${at} has the unknown parameter ${shown(name)}${didYouMean(name, known)}`]
    const expected = typeProblem(parameter, value)
    return expected === undefined ? [] : [`${shown(name)} of step ${at} must be ${expected}, not ${shown(value)}`]
  })),
  required_parameters: define({}, (schema, { steps }) =>
    [...walk(steps)].flatMap(({ step, at }) => (findAction(schema, step.action)?.parameters ?? []).filter(({ name, required }) => required && !Object.hasOwn(step.parameters ?? {}, name)).map(({ name }) => `step ${at} lacks the parameter ${shown(name)}`))),
  readable_conditions: define({}, (schema, { steps }) => [
    ...[...walk(steps)].flatMap(({ step, at }) => (step.conditions ?? []).flatMap((text) => unreadable(text, `a condition of step ${at}`))),
    ...eachParameter(schema, steps, ({ at, name, value, parameter }) => (typeof value === 'string' && (parameter?.type === 'condition' || parameter?.type === 'expression') ? unreadable(value, `${shown(name)} of step ${at}`) : [])),
  ]),
  /** Right behind the action stands one of the others. */
  followed_by: define({ action: z.string(), by: Names }, (_schema, { steps }, { action, by }) =>
    lists(steps).flatMap((list) => list.flatMap((step, i) => (step.action === action && !by.includes(list[i + 1]?.action ?? '') ? [`${shown(action)} is followed by ${list[i + 1] ? shown(list[i + 1]!.action) : 'nothing'}`] : []))),
  ({ action, by }) => [action, ...by]),
  last_and_once: define({ actions: Names }, (_schema, { steps }, { actions }) =>
    lists(steps).flatMap((list) => list.flatMap((step, i) => (actions.includes(step.action) && (list !== steps || i < steps.length - 1) ? [`${shown(step.action)} stands before the end`] : []))),
  ({ actions }) => actions),
  nesting: define({ most: z.int().min(0).max(4) }, (_schema, { steps }, { most }) =>
    [...walk(steps)].filter(({ inside }) => inside.length > most).map(({ at }) => `step ${at} is nested more than ${most} levels deep`)),
  steps_inside: define({ actions: Names }, (schema, { steps }, { actions }) =>
    [...walk(steps)].filter(({ step }) => actions.includes(step.action)).flatMap(({ step, at }) => Object.entries(step.parameters ?? {}).filter(([name, value]) => findParameter(findAction(schema, step.action)!, name)?.type === 'steps' && !isSteps(value)).map(([name]) => `${shown(name)} of step ${at} is empty`)),
  ({ actions }) => actions),
  number_between: define({ action: z.string(), parameter: z.string(), least: z.number(), most: z.number() }, (_schema, { steps }, { action, parameter, least, most }) =>
    [...walk(steps)].flatMap(({ step, at }) => {
      const value = step.action === action ? step.parameters?.[parameter] : undefined
      return typeof value === 'number' && (value < least || value > most) ? [`${shown(parameter)} of step ${at} is ${value}; ${least} to ${most} are allowed`] : []
    }),
  ({ action }) => [action]),
  /** Conditions of steps name no columns. */
  conditions_of_facts: define({}, (schema, { steps }) =>
    [...walk(steps)].flatMap(({ step, at }) => (step.conditions ?? []).flatMap((text) => namesIn(text).filter((name) => !Object.hasOwn(schema.facts, name)).map((name) => `a condition of step ${at} asks for ${shown(name)}, which is no fact${didYouMean(name, Object.keys(schema.facts))}`)))),
}

/** The rules that a workflow breaks, in the order of the language. */
export function brokenRules(schema: WorkflowSchema, workflow: Workflow): { rule: Rule; message: string }[] {
  return schema.rules.flatMap((rule) => checks[rule.check.is as string]!.find(schema, workflow, rule.check).map((message) => ({ rule, message })))
}

/** The same as problems of a row: each with its rule's number and text. */
export const ruleProblems = (schema: WorkflowSchema, workflow: Workflow): Problem[] =>
  brokenRules(schema, workflow).map(({ rule, message }) => ({ rule: 'schema', message: `rule ${rule.number} (${rule.text}): ${message}` }))

/** Names of variables as they are used. */
export function variablesOf(schema: WorkflowSchema, { steps }: Pick<Workflow, 'steps'>): string[] {
  return [...walk(steps)].flatMap(({ step }) => [
    ...Object.values(step.parameters ?? {}).flat().flatMap((value) => variableIn(value) ?? []),
    ...expressionsOf(schema, step).flatMap((expression) => partsOf(expression).flatMap((part) => (part.kind === 'variable' ? [part.name] : []))),
  ])
}

/** The list of steps and each list inside of it. */
function lists(steps: readonly Step[]): (readonly Step[])[] {
  return [steps, ...[...walk(steps)].flatMap(({ step }) => Object.values(step.parameters ?? {}).filter(isSteps))]
}

interface Found { at: string; name: string; value: unknown; parameter: Parameter | undefined; known: string[] }

/** Over the parameters of steps whose action is known. */
function eachParameter(schema: WorkflowSchema, steps: readonly Step[], find: (found: Found) => string[]): string[] {
  return [...walk(steps)].flatMap(({ step, at }) => {
    const action = findAction(schema, step.action)
    return action ? Object.entries(step.parameters ?? {}).flatMap(([name, value]) => find({ at, name, value, parameter: findParameter(action, name), known: action.parameters.map((each) => each.name) })) : []
  })
}

/** Longest text of a parameter, in characters, and most columns. */
export const longest = { text: 500, columns: 20 }

/** What was expected; undefined when the value is right. A variable stands for any single value. */
function typeProblem({ type, values }: Parameter, value: unknown): string | undefined {
  if (type === 'steps') return Array.isArray(value) && value.every((step) => typeof step === 'object' && step !== null) ? undefined : 'a list of steps'
  if (type === 'columns') return (typeof value === 'string' || (Array.isArray(value) && value.length > 0 && value.length <= longest.columns)) && [value].flat().every(isText) ? undefined : 'one or more names of columns'
  if (variableIn(value) !== undefined) return undefined
  if (type === 'integer') return Number.isSafeInteger(value) && (value as number) >= 0 ? undefined : 'a whole number'
  if (type === 'value') return isText(value) || typeof value === 'boolean' || Number.isFinite(value) ? undefined : 'a single value'
  if (type === 'enum') return values!.includes(value as string) ? undefined : oneOf(values!)
  return isText(value) ? undefined : `text of 1 to ${longest.text} characters`
}

const isText = (value: unknown) => typeof value === 'string' && value.trim() !== '' && value.length <= longest.text && !/[\0-\x1f\p{Cs}]/u.test(value)

function unreadable(text: string, what: string): string[] {
  try {
    parseExpression(text)
    return []
  } catch (error) {
    return [`${what} cannot be read: ${(error as Error).message}`]
  }
}

function namesIn(text: string): string[] {
  try {
    return partsOf(parseExpression(text)).flatMap((part) => (part.kind === 'name' ? [part.name] : []))
  } catch {
    return []
  }
}
