import { expressionsOf, isSteps, walk, type Workflow } from './document.ts'
import { partsOf, type Expression, type Scalar } from './expression.ts'
import { findAction, findParameter, operationOf, type WorkflowSchema } from './schema.ts'

export type Cells = Record<string, Scalar>
export interface Table { columns: string[]; rows: Cells[] }

/** What may happen to a run: the first calls of services fail, all of them do, reading or writing fails, there are no rows, a fact has just this value. */
export interface World {
  columns: ReadonlyMap<string, readonly Scalar[]>
  failingCalls: number
  failing?: 'read' | 'write'
  empty?: boolean
  fact?: { name: string; value: Scalar }
}

const rowsOfATable = 48

/**
 * Made-up worlds in which these workflows can be told apart: tables with all columns that they name, whose cells are the values that they
 * compare with and others just beside; services that fail; a fact just below, at and above each number it is compared with. Nothing is read
 * and nothing called; the same workflows give the same worlds.
 */
export function worldsFor(schema: WorkflowSchema, workflows: readonly Workflow[]): World[] {
  const columns = columnsOf(schema, workflows)
  const plain: World = { columns, failingCalls: 0 }
  const steps = workflows.flatMap((workflow) => [...walk(workflow.steps)])
  const does = (operation: string) => steps.some(({ step }) => operationOf(findAction(schema, step.action) ?? { name: '' } as never) === operation)
  const worlds = [plain]
  if (does('http_call')) worlds.push({ ...plain, failingCalls: 1 }, { ...plain, failingCalls: Infinity })
  if (does('on_error') || does('retry')) worlds.push({ ...plain, failing: 'read' }, { ...plain, failing: 'write' })
  if (steps.some(({ step }) => step.conditions?.length) || does('condition')) {
    worlds.push({ ...plain, empty: true })
    for (const [name, value] of factValues(schema, steps.flatMap(({ step }) => expressionsOf(schema, step)))) worlds.push({ ...plain, fact: { name, value } })
  }
  return worlds
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
  return new Map([...values].map(([name, found]) => [name, [...new Set([...found, ...usual])]]))
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
export function tableOf({ columns, empty }: World, source: string): Table {
  if (empty) return { columns: [...columns.keys()], rows: [] }
  const tables = made.get(columns) ?? new Map<string, Table>()
  made.set(columns, tables)
  const table = tables.get(source) ?? makeTable(columns, source)
  tables.set(source, table)
  return table
}

function makeTable(columns: World['columns'], source: string): Table {
  const names = [...columns.keys()]
  const rows = Array.from({ length: rowsOfATable }, (_, row) => Object.fromEntries(names.map((name): [string, Scalar] => {
    const values = columns.get(name)!
    return [name, values[hash(`${source}\n${name}\n${row}`) % values.length]!]
  })))
  // Rows that are there twice are what deduplicating is about.
  return { columns: names, rows: [...rows, ...rows.slice(0, 3)] }
}

/** FNV-1a with an extra mix, so that neighbours differ. */
function hash(text: string): number {
  let state = 0x811c9dc5
  for (let at = 0; at < text.length; at++) state = Math.imul(state ^ text.charCodeAt(at), 0x01000193)
  state ^= state >>> 15
  return Math.imul(state, 0x2c1b3c6d) >>> 0
}
