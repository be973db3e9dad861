import { converted, figure, inOrder, pick, shownTable } from './cells.ts'
import { isSteps, variableIn, type Step, type Workflow } from './document.ts'
import { evaluate, ExpressionError, isTrue, parseExpression, type Expression, type Scalar } from './expression.ts'
import { findAction, operationOf, type Operation, type WorkflowSchema } from './schema.ts'
import { tableOf, type Cells, type Place, type Table, type World } from './tables.ts'

/** What came of a run: what it did to the world outside, in order, the table at its end, and whether it came to its end. */
export interface Outcome {
  effects: unknown[]
  table: Table
  /** "handled": a step failed and on_error saw to it. "failed": nobody did. "wrong": it cannot be run at all. */
  ended: 'done' | 'handled' | 'failed' | 'wrong'
  /** Why it did not come to its end. */
  reason?: string
  /** The steps that it came to, with where each stood the first time. */
  reached: ReadonlyMap<Step, Place>
}

/** A step failed as it may happen to the best workflow: a service does not answer, a file cannot be read. */
export class Failure extends Error {
  override name = 'Failure'
}
/** The workflow cannot run: a column that is not there. */
export class Mistake extends Error {
  override name = 'Mistake'
}
export class Stopped extends Error {}

/** What only decides about other steps does not fail itself. */
const deciding: readonly (Operation | undefined)[] = ['condition', 'loop', 'retry', 'on_error', 'stop']
const changing: readonly (Operation | undefined)[] = ['filter', 'map', 'select', 'drop', 'rename', 'sort', 'limit', 'group', 'aggregate', 'deduplicate', 'split', 'fill_missing', 'convert']

/** Most rows of a table and most effects of a run. */
const most = { rows: 600, effects: 2_000, steps: 4_000 }

/** One run of a workflow: its table, its variables, and what it did so far. */
export class Run {
  readonly #schema: WorkflowSchema
  readonly #world: World
  readonly #variables: Record<string, Scalar>
  readonly #effects: unknown[] = []
  #table: Table
  /** The table as it was read. */
  #given: Table
  #groups: string[] | undefined
  #taken = 0
  readonly #reached = new Map<Step, Place>()
  #failing: Step | undefined

  constructor(schema: WorkflowSchema, { variables = {} }: Workflow, world: World) {
    this.#schema = schema
    this.#world = world
    this.#variables = variables
    // What a workflow that reads nothing works on.
    this.#table = this.#given = tableOf(world, '')
  }

  outcome(ended: Outcome['ended'], reason?: string): Outcome {
    return { effects: this.#effects, table: this.#table, ended, reached: this.#reached, ...(reason !== undefined && { reason }) }
  }

  operation = (step: Step): Operation | undefined => {
    const action = findAction(this.#schema, step.action)
    if (!action) throw new Mistake(`there is no action ${step.action}`)
    return operationOf(action)
  }

  steps(steps: readonly Step[]): void {
    for (const step of steps) {
      if (++this.#taken > most.steps) throw new Mistake('it takes too many steps')
      if ((step.conditions ?? []).every((text) => isTrue(evaluate(parseExpression(text), { name: this.#fact, variable: this.#variable })))) this.#step(step)
    }
  }

  #fact = (name: string): Scalar => {
    if (this.#world.fact?.name === name) return this.#world.fact.value
    if (name === 'row_count') return this.#table.rows.length
    if (Object.hasOwn(this.#schema.facts, name)) return null
    throw new ExpressionError(`${name} is no fact`)
  }

  #variable = (name: string): Scalar => (Object.hasOwn(this.#variables, name) ? this.#variables[name]! : `@var:${name}`)

  /** A parameter's value, with what its variable stands for. */
  #value(value: unknown): any {
    if (Array.isArray(value) && !isSteps(value)) return value.map((each) => this.#value(each))
    const name = variableIn(value)
    return name === undefined ? value : this.#variable(name)
  }

  #effect(effect: unknown): void {
    if (this.#effects.push(effect) > most.effects) throw new Mistake('it does too much')
  }

  /** The table of a source from here on. What was made of the one before is noted: nothing else shows it any more. */
  #replace(effect: unknown[], source: string): void {
    this.#effect([...effect, this.#table === this.#given ? null : shownTable(this.#table)])
    this.#table = this.#given = tableOf(this.#world, source)
  }

  #column(name: unknown): string {
    if (typeof name !== 'string' || !this.#table.columns.includes(name)) throw new Mistake(`there is no column ${String(name)}`)
    return name
  }

  #on(row: Cells, expression: Expression): Scalar {
    return evaluate(expression, { name: (name) => row[this.#column(name)] ?? null, variable: this.#variable })
  }

  #keep(rows: Cells[], columns = this.#table.columns): void {
    this.#table = { columns, rows: rows.slice(0, most.rows) }
  }

  /** @throws Failure where this is the step that fails; each try is noted, so that three are not five. */
  #reach(step: Step, operation: Operation | undefined): void {
    if (deciding.includes(operation)) return
    const place: Place = `${changing.includes(operation) ? 'change' : 'effect'} ${this.#effects.length}`
    if (!this.#reached.has(step)) this.#reached.set(step, place)
    if (place === this.#world.failing) this.#failing ??= step
    if (step === this.#failing) this.#fail(`${step.action} fails`)
  }

  #fail(reason: string): never {
    this.#effect('fails')
    throw new Failure(reason)
  }

  #step(step: Step): void {
    const { action, parameters: given } = step
    const operation = this.operation(step)
    this.#reach(step, operation)
    const parameters = Object.fromEntries(Object.entries(given).map(([name, value]) => [name, this.#value(value)])) as Record<string, any>
    const { rows, columns } = this.#table
    if (this.#groups && operation !== 'aggregate') throw new Mistake('a group was not aggregated')
    switch (operation) {
      case 'read': return this.#replace([action, parameters.file], String(parameters.file))
      case 'write': return this.#effect([action, parameters.file, shownTable(this.#table)])
      case 'filter': {
        const condition = parseExpression(String(parameters.condition))
        return this.#keep(rows.filter((row) => isTrue(this.#on(row, condition))))
      }
      case 'check': {
        const condition = parseExpression(String(parameters.condition))
        const against = rows.filter((row) => !isTrue(this.#on(row, condition))).length
        if (this.#world.strict && against > 0) this.#fail('the check does not hold for every row')
        return this.#effect(['check', against])
      }
      case 'map': {
        const expression = parseExpression(String(parameters.expression))
        return this.#keep(rows.map((row) => ({ ...row, [parameters.column]: this.#on(row, expression) })), [...new Set([...columns, String(parameters.column)])])
      }
      case 'select': {
        const kept = [parameters.columns].flat().map((name) => this.#column(name))
        return this.#keep(rows.map((row) => pick(row, kept)), [...new Set(kept)])
      }
      case 'drop': {
        const gone = [parameters.columns].flat().map((name) => this.#column(name))
        const kept = columns.filter((name) => !gone.includes(name))
        return this.#keep(rows.map((row) => pick(row, kept)), kept)
      }
      case 'rename': {
        const from = this.#column(parameters.column)
        return this.#keep(rows.map(({ [from]: value = null, ...row }) => ({ ...row, [parameters.to]: value })), [...new Set([...columns.filter((name) => name !== from), String(parameters.to)])])
      }
      case 'sort': {
        const by = this.#column(parameters.by)
        const sign = parameters.order === 'desc' ? -1 : 1
        return this.#keep(rows.toSorted((a, b) => sign * inOrder(a[by] ?? null, b[by] ?? null)))
      }
      case 'limit': {
        const count = Number(parameters.count)
        // Tables here are small; what larger ones would lose is noted.
        if (!(count <= rows.length)) this.#effect(['limit', parameters.count])
        return this.#keep(rows.slice(0, Number.isFinite(count) ? count : rows.length))
      }
      case 'group': {
        this.#groups = [parameters.by].flat().map((name) => this.#column(name))
        return
      }
      case 'aggregate': return this.#aggregate(String(parameters.function), parameters.column)
      case 'join': {
        const on = this.#column(parameters.on)
        const other = tableOf(this.#world, String(parameters.file))
        const left = parameters.how === 'left'
        this.#effect(['join', parameters.file])
        return this.#keep(rows.flatMap((row) => {
          const matches = other.rows.filter((each) => each[on] === row[on] && row[on] !== null).slice(0, 3)
          const added = (each: Cells) => Object.fromEntries(other.columns.filter((name) => name !== on).map((name) => [`${name}_2`, each[name] ?? null]))
          return matches.length || !left ? matches.map((each) => ({ ...row, ...added(each) })) : [{ ...row, ...added({}) }]
        }), [...columns, ...other.columns.filter((name) => name !== on).map((name) => `${name}_2`)])
      }
      case 'append': {
        this.#effect(['append', parameters.file])
        return this.#keep([...rows, ...tableOf(this.#world, String(parameters.file)).rows.map((row) => pick(row, columns))])
      }
      case 'deduplicate': {
        const by = parameters.by === undefined ? columns : [parameters.by].flat().map((name) => this.#column(name))
        const seen = new Set<string>()
        return this.#keep(rows.filter((row) => {
          const key = JSON.stringify(by.map((name) => row[name] ?? null))
          return !seen.has(key) && seen.add(key)
        }))
      }
      case 'split': {
        const column = this.#column(parameters.column)
        return this.#keep(rows.flatMap((row) => (typeof row[column] === 'string' ? row[column].split(String(parameters.separator)).map((part) => ({ ...row, [column]: part })) : [row])))
      }
      case 'fill_missing': {
        const column = this.#column(parameters.column)
        return this.#keep(rows.map((row) => ((row[column] ?? null) === null ? { ...row, [column]: parameters.value } : row)))
      }
      case 'convert': {
        const column = this.#column(parameters.column)
        return this.#keep(rows.map((row) => ({ ...row, [column]: converted(row[column] ?? null, String(parameters.type)) })))
      }
      case 'http_call': {
        const method = String(parameters.method ?? 'GET')
        if (method === 'GET') return this.#replace(['call', method, parameters.url], String(parameters.url))
        return this.#effect(['call', method, parameters.url, shownTable(this.#table)])
      }
      case 'condition': {
        // A branch is taken by facts; a condition on columns holds when it does for the first row.
        const condition = parseExpression(String(parameters.if))
        const first = rows[0] ?? {}
        const holds = isTrue(evaluate(condition, { name: (name) => (Object.hasOwn(this.#schema.facts, name) ? this.#fact(name) : (first[this.#column(name)] ?? null)), variable: this.#variable }))
        return this.steps((holds ? parameters.then : parameters.else) ?? [])
      }
      case 'loop': return this.#loop(parameters.by, parameters.steps ?? [])
      case 'retry': {
        for (let attempt = 1; ; attempt++) {
          try {
            return this.steps(parameters.steps ?? [])
          } catch (error) {
            if (!(error instanceof Failure) || !(attempt <= Math.min(10, Number(parameters.times)))) throw error
          }
        }
      }
      case 'on_error': return
      case 'stop': throw new Stopped()
      default:
        // notify, log, wait, and what only the language knows.
        return this.#effect([action, Object.entries(parameters).sort(([a], [b]) => (a < b ? -1 : 1))])
    }
  }

  #aggregate(kind: string, name: unknown): void {
    const by = this.#groups ?? []
    this.#groups = undefined
    if (name === undefined && kind !== 'count') throw new Mistake(`${kind} needs a column`)
    const column = name === undefined ? undefined : this.#column(name)
    const result = column === undefined ? 'count' : column
    const groups = by.length ? [...Map.groupBy(this.#table.rows, (row) => JSON.stringify(by.map((each) => row[each] ?? null))).values()] : [this.#table.rows]
    const figures = groups.map((rows) => ({ ...pick(rows[0] ?? {}, by), [result]: figure(kind, column === undefined ? rows.map(() => 1) : rows.map((row) => row[column] ?? null)) }))
    // Of an empty table there is still one figure.
    this.#keep(figures, [...new Set([...by, result])])
  }

  #loop(by: unknown, steps: Step[]): void {
    const all = this.#table
    const column = by === undefined ? undefined : this.#column(by)
    const parts: [Scalar, Cells[]][] = column === undefined ? all.rows.map((row, index) => [index, [row]]) : [...Map.groupBy(all.rows, (row) => row[column] ?? null)]
    for (const [turn, rows] of parts) {
      this.#effect(['turn', turn])
      this.#table = { columns: all.columns, rows }
      this.steps(steps)
    }
    this.#table = all
  }
}
