import { list, literal, Rules, stringRule } from '../gbnf.ts'
import { narrowed } from '../copying.ts'
import { most } from './answer.ts'
import { placedEvents, statesOf, tasks, type AnalysisSchema, type Task } from './schema.ts'

const cached = new WeakMap<AnalysisSchema, string>()

/** GBNF (llama.cpp's dialect) of the canonical answers: all parts in their order, or one of them; names of the schema, values of any words. */
export function grammar(schema: AnalysisSchema): string {
  let text = cached.get(schema)
  if (text === undefined) cached.set(schema, (text = write(schema)))
  return text
}

function write(schema: AnalysisSchema): string {
  const rules = new Rules()
  const value = stringRule(rules, most.value)
  const oneOf = (names: readonly string[], wanted: string) => rules.name(names.map((name) => literal(JSON.stringify(name))).join(' | '), wanted)
  const free = rules.name(`"\\"" ${rules.name('[^"\\\\\\x00-\\x1F] | "\\\\" (["\\\\bfnrt] | "u00" ("0" [1-7bef] | "1" [0-9a-f]))', 'char')}{1,${most.summary}} "\\""`, 'line')
  const pattern = oneOf(placedEvents(schema).map(({ event }) => event.name), 'pattern')
  const values = rules.name(`"[" ${list(value, most.values)} "]"`, 'values')
  const slot = (name: string) => `(${literal(`,"${name}":`)} ${value})?`
  const kind = oneOf(schema.actions.map(({ name }) => name), 'kind')
  const item = rules.name(`${literal('{"kind":')} ${kind} ${slot('who')} ${slot('what')} ${slot('when')} "}"`, 'item')
  const types = schema.entities.map(({ name }) => `${literal(`"${name}":`)} ${values}`)
  /** From a type on, when others stand before it; each is there or not. */
  const further = types.map((type) => `("," ${type})?`)
  const first = types.map((type, i) => [type, ...further.slice(i + 1)].join(' ')).join(' | ')
  const part: Record<Task, string> = {
    state: `${literal('"state":')} ${oneOf(statesOf(schema), 'state')}`,
    priority: `${literal('"priority":')} ${oneOf(schema.priorities.map(({ name }) => name), 'priority')}`,
    summary: `${literal('"summary":')} (${literal('{"pattern":')} ${pattern} "}" | ${free})`,
    entities: `${literal('"entities":')} "{" (${rules.name(first, 'types')})? "}"`,
    actions: `${literal('"actions":')} "[" (${list(item, most.actions)})? "]"`,
  }
  const named = Object.fromEntries(tasks.map((task) => [task, rules.name(part[task], `part-${task}`)])) as Record<Task, string>
  return `root ::= "{" (${[tasks.map((task) => named[task]).join(' "," '), ...tasks.map((task) => named[task])].join(' | ')}) "}"\n${rules.text()}`
}

/** The grammar narrowed to values that stand in this text, and to summaries by pattern: a second look is for what must be copied. */
export function copyingGrammar(_schema: AnalysisSchema, whole: string, text: string): string | undefined {
  return narrowed(whole, text, [])?.replace(/^line ::= .*$/m, () => 'line ::= str')
}

