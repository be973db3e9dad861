import { inner, integerRule, list, literal, Rules, stringRule } from '../gbnf.ts'
import { narrowed } from '../copying.ts'
import { longest } from './checks.ts'
import { comparisons, functionNames } from './expression.ts'
import type { Action, Parameter, WorkflowSchema } from './schema.ts'
import { toldOf } from './told.ts'

const cached = new WeakMap<WorkflowSchema, string>()

/**
 * GBNF (llama.cpp's dialect) of the canonical answers: always JSON, only actions and parameters of the language, in its order, each value of its
 * type, expressions that can be read. Left to the rules, since a grammar says it badly: what follows what, declared variables, nesting.
 */
export function grammar(schema: WorkflowSchema): string {
  let text = cached.get(schema)
  if (text === undefined) cached.set(schema, (text = write(schema)))
  return text
}

function write(schema: WorkflowSchema): string {
  const rules = new Rules()
  const text = stringRule(rules, longest.text)
  const name = rules.name('[A-Za-z_] [A-Za-z0-9_]{0,62}', 'name')
  const number = rules.name(`${integerRule(rules)} ("." [0-9]{1,6})?`, 'num')
  expressionRules(rules, schema, name, number)
  const action = rules.name(schema.actions.map((each) => `${literal(`${inner(each.name)}","parameters":{`)} ${parameters(rules, each)}`).join(' | '))
  const conditions = `(${literal(',"conditions":[')} expr ("," expr){0,4} "]")?`
  rules.name(`${literal('{"action":"')} ${action} "}" ${conditions} "}" ("," steps)?`, 'steps')
  const variables = `(${literal('"variables":{')} ${list(`"\\"" ${name} "\\":" ${rules.name(`${text} | ${number} | "true" | "false"`)}`, 10)} "},")?`
  return `root ::= "{" (${literal('"response":')} ${text} | ${variables} ${literal('"steps":[')} steps "]") "}"\n${rules.text()}`
}

/** Expressions as printed, between the quotes of a JSON string. How tightly operators bind does not matter to what can be written. */
function expressionRules(rules: Rules, schema: WorkflowSchema, name: string, number: string): void {
  rules.name('[A-Za-z_] [A-Za-z0-9_.]{0,62}', 'col')
  rules.name('"\'" [^\'"\\\\\\x00-\\x1F]{0,200} "\'" | "\\\\\\"" [^"\\\\\\x00-\\x1F]{0,200} "\\\\\\""', 'lit')
  const facts = Object.keys(schema.facts).map(literal)
  const operators = [...comparisons, 'and', 'or', '+', '-', '*', '/'].map((operator) => literal(` ${operator} `))
  rules.name([`"not " term`, `"-"? ${number}`, 'lit', `"@var:" ${name}`, ...facts, 'col', `(${functionNames.map(literal).join(' | ')}) "(" sum ")"`, '"(" sum ")"', '"-" term'].join(' | '), 'term')
  rules.name(`term ((${operators.join(' | ')}) term){0,12}`, 'sum')
  rules.name('"\\"" sum "\\""', 'expr')
}

/** From after the brace that opens the parameters, in the order of the language. */
function parameters(rules: Rules, { parameters: all }: Action): string {
  const items = all.flatMap((parameter) => {
    const value = valueOf(rules, parameter)
    return value === undefined ? [] : [{ text: `${literal(`${JSON.stringify(parameter.name)}:`)} ${value}`, required: parameter.required }]
  })
  /** What may stand from an item on, after others or as the first. */
  const from = (at: number, first: boolean): string => {
    const item = items[at]
    if (!item) return ''
    const said = compact(first ? '' : '","', item.text)
    if (item.required) return compact(said, from(at + 1, false))
    return first ? group([compact(said, from(at + 1, false)), from(at + 1, true)]) : compact(`(${said})?`, from(at + 1, false))
  }
  return from(0, true)
}

const compact = (...parts: string[]) => parts.filter(Boolean).join(' ')

/** One of the alternatives; an empty one makes all of it optional. */
const group = (alternatives: string[]) => `(${alternatives.filter(Boolean).join(' | ')})${alternatives.includes('') ? '?' : ''}`

/** undefined when no value is left: an enum whose only value is its default. */
function valueOf(rules: Rules, { type, values, default: usual }: Parameter): string | undefined {
  const variable = rules.name('"\\"@var:" name "\\""')
  switch (type) {
    case 'integer': return rules.name(`int | ${variable}`)
    case 'value': return rules.name('str | "-"? num | "true" | "false"')
    case 'columns': return rules.name(`"[" ${list('str', longest.columns)} "]"`)
    case 'condition':
    case 'expression': return 'expr'
    case 'steps': return '"[" steps "]"'
    case 'enum': {
      const left = values!.filter((value) => value !== usual)
      return left.length ? rules.name([...left.map((value) => literal(JSON.stringify(value))), variable].join(' | ')) : undefined
    }
    default: return 'str'
  }
}

/** The grammar narrowed to values that stand in this text; undefined where that is not worth it. */
export function copyingGrammar(schema: WorkflowSchema, whole: string, text: string): string | undefined {
  // Of what is told about actions, what is told about those that the text names.
  const told = toldOf(schema).filter(({ about }) => about.startsWith('rule ') || text.includes(about))
  const meant = [...Object.keys(schema.variables).map((name) => `@var:${name}`), ...[...told, ...Object.values(schema.replies)].map((each) => each.text)]
  const copying = narrowed(whole, text, meant)
  if (copying === undefined) return undefined
  const names = [...new Set(text.match(/[A-Za-z_]\w*/g) ?? [])]
  const spans = [...copying.matchAll(/^(span\d+) ::=/gm)].map(([, span]) => span)
  return copying
    .replace(/^col ::= .*$/m, (any) => (names.length ? `col ::= ${[...names, 'true', 'false', 'null'].map(literal).join(' | ')}` : any))
    .replace(/^lit ::= .*$/m, () => `lit ::= "'" (${spans.join(' | ')}) "'"`)
}
