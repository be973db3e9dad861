import { numberWord } from '../../../teacher/english.ts'
import { guard } from '../../../teacher/noise.ts'
import type { Random } from '../../../teacher/random.ts'
import type { Step } from '../document.ts'
import { chosen, filled, inserted, slotsOf } from '../../phrase.ts'
import { findAction, findParameter, operationOf, type Action, type Parameter, type Recipe, type WorkflowSchema } from '../schema.ts'
import { sayCondition, sayExpression, type Said } from './conditions.ts'
import { channelValue, columnKinds, columnName, fileStem, messageValue, numberValue, quotedNowAndThen, textValue, urlValue, type ColumnKind } from './values.ts'

/** Steps with the words for them; no words: `text` is undefined where no phrase fits. */
export interface SaidSteps { steps: Step[]; text: string }

/** What a row knows while it is written: the table's columns, and the metadata beside the request. */
export interface Scene {
  schema: WorkflowSchema
  r: Random
  metadata: Record<string, string>
  /** The only columns that there are, once a step has settled them. */
  columns: string[] | undefined
  /** Columns and files that were named. */
  named: string[]
}

/** A column for a step: of those that are left, else a new one, now and then one that was named already. */
function columnOf(scene: Scene, fresh = false): (kind: ColumnKind) => string {
  return (kind) => {
    const { r, columns, named } = scene
    if (columns?.length && !fresh) return r.pick(columns)
    if (!fresh && named.length && r.chance(0.12)) return r.pick(named)
    const name = columnName(r, kind, fresh ? [...named, ...(columns ?? [])] : [])
    named.push(name)
    return name
  }
}

const anyKind = (r: Random): ColumnKind => r.weighted(columnKinds)

function columnsOf(scene: Scene): string[] {
  const wanted = scene.r.weighted([[1, 4], [2, 4], [3, 3], [4, 1]] as const)
  const pick = columnOf(scene)
  return [...new Set(Array.from({ length: wanted }, () => pick(anyKind(scene.r))))]
}

const listed = (names: readonly string[], r: Random): string => {
  const said = names.map((name) => (r.chance(0.05) ? `"${guard(name)}"` : guard(name)))
  if (said.length === 1) return said[0]!
  return r.weighted([[() => `${said.slice(0, -1).join(', ')} and ${said.at(-1)}`, 6], [() => said.join(', '), 2], [() => `${said.slice(0, -1).join(', ')}, and ${said.at(-1)}`, 1], [() => said.join(' and '), 1], [() => `${said.slice(0, -1).join(', ')} & ${said.at(-1)}`, 0.4]] as const)()
}

/** "columns a and b", "the a column", or the names alone; `always`: never the names alone. */
function columnsWithNoun(names: readonly string[], r: Random, always: boolean): string {
  const noun = names.length > 1 ? r.pick(['columns', 'fields', 'columns']) : r.pick(['column', 'field', 'column'])
  const said = listed(names, r)
  return r.weighted([[`${noun} ${said}`, 4], [`${said} ${noun}`, 4], [`${noun}: ${said}`, names.length > 1 ? 0.5 : 0], [said, always ? 1.2 : 5]] as const)
}

const smallCount = (r: Random): number => r.weighted([[() => r.int(2, 20), 5], [() => r.pick([5, 10, 20, 25, 50, 100, 200, 500, 1000]), 4], [() => r.int(21, 9999), 1]] as const)()

const saidNumber = (value: number, r: Random): string => {
  const word = numberWord(value)
  return guard(word !== undefined && r.chance(0.25) ? word : String(value))
}

/** A value of a parameter as it is written, and as it is said. */
function valueOf(scene: Scene, action: Action, parameter: Parameter, style: string): { value: unknown; text: string } {
  const { r } = scene
  switch (parameter.type) {
    case 'file': {
      const extension = parameter.extension ?? r.pick(['csv', 'csv', 'json'])
      const file = `${fileStem(r)}.${extension}`
      return { value: file, text: quotedNowAndThen(file, r, 0.08) }
    }
    case 'url': {
      const url = urlValue(r)
      return { value: url, text: guard(url) }
    }
    case 'column': {
      const name = style === 'new' || parameter.name === 'to' ? columnOf(scene, true)(anyKind(r)) : columnOf(scene)(anyKind(r))
      return { value: name, text: r.chance(0.05) ? r.pick([`"${guard(name)}"`, `'${guard(name)}'`]) : name.includes('_') && r.chance(0.12) ? guard(name.replaceAll('_', ' ')) : guard(name) }
    }
    case 'columns': {
      const names = operationOf(action) === 'select' || operationOf(action) === 'drop' ? columnsOf(scene) : columnsOf(scene).slice(0, r.chance(0.75) ? 1 : 2)
      return { value: names, text: style.startsWith('noun') ? columnsWithNoun(names, r, style.endsWith('only')) : listed(names, r) }
    }
    case 'condition': {
      const said = operationOf(action) === 'condition' ? sayFact(scene) : sayCondition(r, columnOf(scene), style)
      return { value: said.means, text: said.text }
    }
    case 'expression': {
      const said = sayExpression(r, columnOf(scene), style)
      return { value: said.means, text: said.text }
    }
    case 'integer': {
      const value = operationOf(action) === 'retry' ? r.weighted([[r.int(2, 5), 6], [r.int(1, 10), 3]] as const) : operationOf(action) === 'wait' ? r.weighted([[r.int(1, 30), 5], [r.pick([5, 10, 15, 30, 45, 60, 90]), 4]] as const) : smallCount(r)
      return { value, text: saidNumber(value, r) }
    }
    case 'enum': {
      const except = style.startsWith('no ') ? style.slice(3) : undefined
      const value = r.pick(parameter.values!.filter((each) => each !== except))
      return { value, text: r.pick(parameter.value_synonyms[value] ?? [value]) }
    }
    case 'value': {
      const value = r.chance(0.5) ? numberValue(r) : textValue(r)
      return { value, text: typeof value === 'number' ? guard(String(value)) : quotedNowAndThen(value, r, /\s/.test(value) ? 0.7 : 0.3) }
    }
    case 'steps': {
      const inner = sayInner(scene, action)
      return { value: inner.steps, text: inner.text }
    }
    default: {
      if (parameter.format === 'channel') {
        const value = channelValue(r)
        return { value, text: guard(value) }
      }
      const value = messageValue(r)
      return { value, text: r.weighted([[`"${guard(value)}"`, 6], [`'${guard(value)}'`, 3], [guard(value), 1]] as const) }
    }
  }
}

/** A question about the table, as conditions of steps ask it. */
export function sayFact({ schema, r }: Scene): Said {
  const [, fact] = r.pick(Object.entries(schema.facts))
  const { say, means } = r.pick(fact.phrases)
  const value = smallCount(r)
  return { means: means.replaceAll('{n}', String(value)), text: filled(worded({ schema, r }, say), () => saidNumber(value, r)) }
}

/** The words of a phrase, one of each choice; rows are now and then called by what they stand for. */
function worded({ schema: { row_words: others }, r }: Pick<Scene, 'schema' | 'r'>, say: string): string {
  const text = chosen(say, r)
  return others.length && r.chance(0.22) ? text.replace(/\b(rows|records|entries)\b/, r.pick(others)) : text
}

/** Actions whose steps end a way of others: writing, telling, calling. */
export const sinks = ['write', 'notify', 'log', 'http_call'] as const

/** One step for inside of another: what makes sense to repeat, or to do when something fails. */
function sayInner(scene: Scene, outer: Action): SaidSteps {
  const { schema, r } = scene
  const operation = operationOf(outer)
  const wanted: readonly (readonly [string, number])[] = operation === 'retry' ? [['http_call', 7], ['write', 1], ['notify', 1], ['read', 1]]
    : operation === 'on_error' ? [['notify', 7], ['log', 3], ['http_call', 1], ['wait', 0.2], ['stop', 0.5]]
      : operation === 'loop' ? [['http_call', 4], ['write', 3], ['notify', 3], ['log', 1]]
        : [['notify', 5], ['write', 4], ['log', 2], ['stop', 1.5], ['http_call', 1.5]]
  const known = wanted.filter(([name]) => schema.actions.some((action) => operationOf(action) === name))
  const chosenOne = known.length ? r.weighted(known) : undefined
  const action = r.pick(schema.actions.filter((each) => (chosenOne === undefined ? !each.parameters.some(({ type }) => type === 'steps') : operationOf(each) === chosenOne)))
  const before = scene.columns
  const said = sayAction(scene, action) ?? { steps: [{ action: action.name, parameters: {} }], text: action.name }
  scene.columns = before
  return said
}

/** One step of an action in words of the language; undefined where no phrase fits the metadata. */
export function sayAction(scene: Scene, action: Action): SaidSteps | undefined {
  const { r } = scene
  const fitting = action.phrases.filter((phrase) => fits(scene, action, phrase.say, phrase.by_metadata))
  if (fitting.length === 0) return undefined
  const phrase = r.pick(fitting)
  const given: Record<string, unknown> = {}
  const text = filled(worded(scene, phrase.say), ({ name, style }) => {
    const parameter = findParameter(action, name)!
    // What is computed from others is a new column; what is computed from itself is there.
    const computed = operationOf(action) === 'map' && parameter.type === 'column' && !Object.hasOwn(phrase.with, 'expression')
    const said = valueOf(scene, action, parameter, computed ? 'new' : (style ?? ''))
    given[name] = said.value
    return said.text
  })
  for (const [name, value] of Object.entries(phrase.with)) given[name] = typeof value === 'string' ? inserted(value, given) : value
  for (const { name, required, variable, metadata } of action.parameters) {
    if (!required || Object.hasOwn(given, name)) continue
    const known = metadata === undefined ? undefined : scene.metadata[metadata]
    given[name] = known ?? `@var:${variable}`
  }
  const parameters = Object.fromEntries(action.parameters.flatMap(({ name }) => (Object.hasOwn(given, name) ? [[name, given[name]]] : [])))
  settle(scene, action, parameters)
  return { steps: [{ action: action.name, parameters }], text: text.replace(/ {2,}/g, ' ').trim() }
}

/** Do the words say all that the metadata does not? A file that the metadata names must be of the action's format. */
function fits({ metadata }: Scene, action: Action, say: string, byMetadata: boolean): boolean {
  const said = slotsOf(say).map(({ name }) => name)
  return action.parameters.every(({ name, required, metadata: field, extension }) => {
    if (!required || said.includes(name) || field === undefined) return true
    const known = metadata[field]
    if (known !== undefined && extension !== undefined && !known.endsWith(`.${extension}`)) return false
    // A format that contradicts what is said is no request that anybody would make.
    const contradicted = Object.entries(action.when).some(([key, value]) => metadata[key] !== undefined && metadata[key] !== value)
    if (contradicted) return false
    const told = Object.entries(action.when).some(([key, value]) => metadata[key] === value) || (known !== undefined && extension !== undefined)
    return !byMetadata || told
  })
}

/** What a step leaves of the columns. */
function settle(scene: Scene, action: Action, parameters: Record<string, unknown>): void {
  const { column, columns, by, to } = parameters as Record<string, string & string[]>
  switch (operationOf(action)) {
    case 'read': scene.columns = undefined; break
    case 'http_call':
      if (parameters.method === undefined) scene.columns = undefined
      break
    case 'select': scene.columns = [...columns!]; break
    case 'drop':
      scene.columns = scene.columns?.filter((name) => !columns!.includes(name))
      scene.named = scene.named.filter((name) => !columns!.includes(name))
      break
    case 'rename':
      scene.columns = scene.columns && [...scene.columns.filter((name) => name !== column), to!]
      scene.named = scene.named.filter((name) => name !== column)
      break
    case 'map': scene.columns = scene.columns && [...new Set([...scene.columns, column!])]; break
    case 'group': scene.columns = [by!].flat(); break
    case 'aggregate': scene.columns = [column ?? 'count']; break
  }
}

/** A recipe's words, with its steps. */
export function sayRecipe(scene: Scene, recipe: Recipe): SaidSteps {
  const { schema, r } = scene
  const values: Record<string, { value: unknown; text: string }> = {}
  for (const { action: name, parameters } of recipe.steps) {
    const action = findAction(schema, name)!
    for (const [key, template] of Object.entries(parameters)) for (const slot of slotsOf(String(template))) values[slot.name] ??= valueOf(scene, action, findParameter(action, key)!, '')
  }
  const text = filled(worded(scene, r.pick(recipe.say)), ({ name }) => values[name]!.text)
  const grouped = recipe.steps.some(({ action }) => operationOf(findAction(schema, action)!) === 'group')
  if (grouped) scene.columns = []
  const steps = recipe.steps.map(({ action: name, parameters }) => {
    const action = findAction(schema, name)!
    const given = Object.fromEntries(Object.entries(parameters).map(([key, template]) => {
      const only = /^\{(\w+)\}$/.exec(String(template))?.[1]
      return [key, only === undefined ? template : values[only]!.value]
    }))
    if (grouped) scene.columns = [...new Set([...scene.columns!, ...[given.by ?? given.column ?? []].flat() as string[]])]
    return { action: name, parameters: given }
  })
  return { steps, text: text.replace(/ {2,}/g, ' ').trim() }
}
