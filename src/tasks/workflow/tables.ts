import { expressionsOf, isSteps, walk, type Workflow } from './document.ts'
import { partsOf, type Expression, type Scalar } from './expression.ts'
import { findAction, findParameter, operationOf, type Operation, type WorkflowSchema } from './schema.ts'

export type Cells = Record<string, Scalar>
export interface Table { columns: string[]; rows: Cells[] }

/** What may happen to a run: its tables have other rows or none, a fact has just this value, a check fails where it does not hold, something fails. */
export interface World {
  columns: ReadonlyMap<string, readonly Scalar[]>
  /** Which rows the tables have, of many that they may have. */
  draw: number
  empty?: boolean
  fact?: { name: string; value: Scalar }
  /** A check fails; elsewhere it is only noted for how many rows it would, so that what follows it is run too. */
  strict?: boolean
  /** It fails before its first step: also a workflow with nothing but a handler has something to handle. */
  failsAtOnce?: boolean
  /** Where a step stands that fails, each time it is tried. */
  failing?: Place
}

/**
 * Where a step stands in a run: behind so many effects, as the next one or as a change of the table. Workflows that change a table in other
 * steps, or in another order, come to the same places.
 */
export type Place = `${'effect' | 'change'} ${number}`

const rowsOfATable = 48
/** So many tables tell comparisons apart that only a rare row does: one that is at the bound of one and within the other. */
const draws = 3

/** The first of `worldsFor`: nothing fails, and every check holds. */
export const plainWorld = (schema: WorkflowSchema, workflows: readonly Workflow[]): World => ({ columns: columnsOf(schema, workflows), draw: 0 })

/**
 * Made-up worlds in which these workflows can be told apart: tables with all columns that they name, whose cells are the values that they
 * compare with and others just beside; a fact just below, at and above each number it is compared with. Nothing is read and nothing called;
 * the same workflows give the same worlds. In which of them a step fails besides, a run tells (`Outcome.reached`).
 */
export function worldsFor(schema: WorkflowSchema, workflows: readonly Workflow[]): World[] {
  const plain = plainWorld(schema, workflows)
  const steps = workflows.flatMap((workflow) => [...walk(workflow.steps)])
  const worlds = Array.from({ length: draws }, (_, draw): World => ({ ...plain, draw }))
  if (does(schema, workflows, 'check')) worlds.push({ ...plain, strict: true })
  if (does(schema, workflows, 'on_error')) worlds.push({ ...plain, failsAtOnce: true })
  if (steps.some(({ step }) => step.conditions?.length) || does(schema, workflows, 'condition')) {
    worlds.push({ ...plain, empty: true })
    for (const [name, value] of factValues(schema, steps.flatMap(({ step }) => expressionsOf(schema, step)))) worlds.push({ ...plain, fact: { name, value } })
  }
  return worlds
}

/** Without either it shows nowhere which step failed. */
export const handlesFailures = (schema: WorkflowSchema, workflows: readonly Workflow[]): boolean => does(schema, workflows, 'on_error', 'retry')

function does(schema: WorkflowSchema, workflows: readonly Workflow[], ...wanted: Operation[]): boolean {
  return workflows.some(({ steps }) => [...walk(steps)].some(({ step }) => {
    const action = findAction(schema, step.action)
    return action !== undefined && wanted.some((operation) => operation === operationOf(action))
  }))
}

const mostFacts = 12

function factValues(schema: WorkflowSchema, expressions: Expression[]): [string, Scalar][] {
  const found = new Map<string, [string, Scalar]>()
  for (const [name, value] of comparisonsIn(expressions)) {
    if (!Object.hasOwn(schema.facts, name)) continue
    for (const each of typeof value === 'number' ? [value - 1, value, value + 1] : [value]) found.set(`${name} ${each}`, [name, each])
  }
  return [...found.values()].slice(0, mostFacts)
}

/** Names with the values they stand beside in a comparison or a sum. */
const comparisonsIn = (expressions: Expression[]): [string, Scalar][] =>
  expressions.flatMap(partsOf).flatMap((part): [string, Scalar][] => {
    if (part.kind !== 'binary') return []
    const names = partsOf(part.left).flatMap((each) => (each.kind === 'name' ? [each.name] : []))
    const values = partsOf(part.right).flatMap((each) => (each.kind === 'literal' ? [each.value] : []))
    return names.flatMap((name) => values.map((value): [string, Scalar] => [name, value]))
  })

function columnsOf(schema: WorkflowSchema, workflows: readonly Workflow[]): Map<string, Scalar[]> {
  const values = new Map<string, Set<Scalar>>()
  const add = (name: string, ...more: Scalar[]) => {
    const known = values.get(name) ?? new Set()
    for (const value of more) known.add(value)
    values.set(name, known)
  }
  const declared = Object.assign({}, ...workflows.map(({ variables }) => variables ?? {})) as Record<string, Scalar>
  for (const { steps } of workflows) {
    for (const { step } of walk(steps)) {
      const action = findAction(schema, step.action)
      if (!action) continue
      const expressions = expressionsOf(schema, step)
      for (const part of expressions.flatMap(partsOf)) if (part.kind === 'name') add(part.name)
      for (const [name, value] of comparisonsIn(expressions)) add(name, ...around(value))
      for (const part of expressions.flatMap(partsOf)) {
        if (part.kind === 'binary' && part.left.kind === 'name' && part.right.kind === 'variable') add(part.left.name, ...around(Object.hasOwn(declared, part.right.name) ? declared[part.right.name]! : `@var:${part.right.name}`))
      }
      for (const [name, value] of Object.entries(step.parameters ?? {})) {
        const type = findParameter(action, name)?.type
        if (isSteps(value) || (type !== 'column' && type !== 'columns')) continue
        for (const column of [value].flat()) if (typeof column === 'string') add(column)
      }
      const { column, separator } = step.parameters ?? {}
      if (operationOf(action) === 'split' && typeof column === 'string') add(column, `a${separator}b`, `c${separator}a${separator}d`)
      if (operationOf(action) === 'fill_missing' && typeof column === 'string') add(column, null)
    }
  }
  for (const fact of Object.keys(schema.facts)) values.delete(fact)
  // No workflow names every column.
  values.set('~', new Set([1, 2, 3, 4, 5, 6, 7]))
  // What is compared with comes twice as often: rows that meet several comparisons at once are rare.
  return new Map([...values].map(([name, found]) => [name, [...found, ...found, ...usual]]))
}

const usual: Scalar[] = [3, 1, 4, 2, 8.5, ' Ab', null, 'x']

/** A value with others just beside it. */
function around(value: Scalar): Scalar[] {
  if (typeof value === 'number') return [value, value - 1, value + 1]
  if (typeof value === 'boolean') return [value, !value]
  return value === null ? [null] : [value, `${value}~`, value.slice(0, -1), value.toUpperCase(), value.toLowerCase()]
}

const made = new WeakMap<World['columns'], Map<string, Table>>()

/** The rows of a file or a service: the same name gives the same rows. Nobody changes them. */
export function tableOf({ columns, draw, empty }: World, source: string): Table {
  if (empty) return { columns: [...columns.keys()], rows: [] }
  const tables = made.get(columns) ?? new Map<string, Table>()
  made.set(columns, tables)
  const key = `${draw} ${source}`
  const table = tables.get(key) ?? makeTable(columns, key)
  tables.set(key, table)
  return table
}

function makeTable(columns: World['columns'], key: string): Table {
  const names = [...columns.keys()]
  const seeds = names.map((name) => hash(`${key}\n${name}`))
  const rows = Array.from({ length: rowsOfATable }, (_, row) => Object.fromEntries(names.map((name, column): [string, Scalar] => {
    const values = columns.get(name)!
    return [name, values[Math.floor(uniform(seeds[column]! + row) * values.length)]!]
  })))
  // Rows that are there twice are what deduplicating is about.
  return { columns: names, rows: [...rows, ...rows.slice(0, 3)] }
}

/** FNV-1a. */
function hash(text: string): number {
  let state = 0x811c9dc5
  for (let at = 0; at < text.length; at++) state = Math.imul(state ^ text.charCodeAt(at), 0x01000193)
  return state
}

/** In [0, 1). Murmur3's last mix: neighbours must not take turns, or no value comes twice before all others came once. */
function uniform(state: number): number {
  state = Math.imul(state ^ (state >>> 16), 0x85ebca6b)
  state = Math.imul(state ^ (state >>> 13), 0xc2b2ae35)
  return ((state ^ (state >>> 16)) >>> 0) / 4_294_967_296
}
