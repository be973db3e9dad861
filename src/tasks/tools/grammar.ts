import { inner, integerRule, literal, Rules, space, stringRule } from '../gbnf.ts'
import { mostSuggestions } from './answer.ts'
import { clarificationMessage, missingMessages, suggestionLabel } from './completion.ts'
import { same } from './json.ts'
import type { Node, Property, Tool } from './node.ts'
import type { ToolsSchema } from './schema.ts'
import { longestValue, mostValues } from './values.ts'

const cached = new WeakMap<ToolsSchema, string>()

/**
 * GBNF (llama.cpp's dialect) of the answers as trained: keys in schema order, required ones there, no white space, choices without their
 * default, each clarification with the suggestions that its case allows. Left to validation, since a grammar says it badly: patterns and
 * lengths of texts, bounds of numbers, defaults of numbers and texts, doubles in lists, the order of suggestions. Equal rules are written once.
 */
export function grammar(schema: ToolsSchema): string {
  let text = cached.get(schema)
  if (text === undefined) cached.set(schema, (text = write(schema)))
  return text
}

function write(schema: ToolsSchema): string {
  const rules = new Rules()
  const calls = schema.tools.map((tool) => `${literal(`${inner(tool.name)}","parameters":{`)}${space(fields(rules, tool.parameters))} "}}"`)
  const alternatives = [`${literal('name":"')} ${rules.name(calls.join(' | '))}`, `${literal('type":"clarification","message":"')} ${clarifications(rules, schema)}`]
  return `root ::= ${literal('{"')} (${alternatives.join(' | ')})\n${rules.text()}`
}

/** What stands between an object's braces. */
export function fields(rules: Rules, properties: readonly Property[], least = 0): string {
  const items = properties.flatMap(({ name, node, required }) => {
    const value = valueOf(rules, node)
    return value === undefined ? [] : [{ text: rules.name(`${literal(`${JSON.stringify(name)}:`)} ${value}`), required }]
  })
  /** `rests[i]`: what may follow once something is written and the items before i are done. */
  const rests: string[] = ['']
  for (const { text, required } of items.toReversed()) {
    const next = required ? `"," ${text}` : `("," ${text})?`
    rests.unshift(rules.name(`${next}${space(rests[0]!)}`))
  }
  const firsts = items.slice(0, items.findIndex(({ required }) => required) + 1 || items.length).map(({ text }, i) => `${text}${space(rests[i + 1]!)}`)
  if (firsts.length === 0) return ''
  return least > 0 || items.some(({ required }) => required) ? rules.name(firsts.join(' | ')) : `(${firsts.join(' | ')})?`
}

/** undefined when no value is left: a choice whose only value is its default. */
function valueOf(rules: Rules, node: Node): string | undefined {
  const { shape } = node
  switch (shape.kind) {
    case 'text': return stringRule(rules, longestValue)
    case 'number': return shape.integer ? integerRule(rules) : rules.name('"-"? ("0" | [1-9] [0-9]{0,14}) ("." [0-9]{1,8})?', 'num')
    case 'choice': {
      const values = shape.values.filter((value) => !same(value, node.default))
      return values.length === 0 ? undefined : rules.name(values.map((value) => literal(JSON.stringify(value))).join(' | '))
    }
    case 'list': {
      const item = valueOf(rules, shape.items)
      if (item === undefined || shape.most === 0) return '"[]"'
      const several = `${item} ("," ${item}){${Math.max(0, shape.least - 1)},${shape.most - 1}}`
      return rules.name(`"[" ${shape.least === 0 ? `(${several})?` : several} "]"`)
    }
    case 'object': return rules.name(`"{"${space(fields(rules, shape.properties, shape.least))} "}"`)
    case 'map': {
      const entry = rules.name(`${stringRule(rules, longestValue)} ":" ${valueOf(rules, shape.values)!}`)
      return rules.name(`"{" (${entry} ("," ${entry}){0,${mostValues - 1}})? "}"`)
    }
    case 'any': return rules.name([...new Set(shape.options.flatMap((option) => valueOf(rules, option) ?? []))].join(' | '))
  }
}

/** From after `"message":"` to the end of the answer: what is asked decides how many suggestions there are, and which. */
export function clarifications(rules: Rules, schema: ToolsSchema): string {
  const suggestion = (tool: Tool) => JSON.stringify({ label: suggestionLabel(tool), command: tool.name })
  const after = (message: string, suggestions: string) => `${literal(`${inner(message)}","suggestions":[`)} ${suggestions}`
  const none = literal(']}')
  const cases = [after(clarificationMessage(schema, 'unclear'), none), after(clarificationMessage(schema, 'off_topic'), none)]
  for (const [message, asked] of Map.groupBy(schema.tools.flatMap((tool) => missingMessages(schema, tool).map((message) => ({ tool, message }))), ({ message }) => message)) {
    cases.push(after(message, rules.name(`(${asked.map(({ tool }) => literal(suggestion(tool))).join(' | ')}) ${none}`)))
  }
  if (schema.tools.length > 1) {
    const any = rules.name(schema.tools.map((tool) => literal(suggestion(tool))).join(' | '))
    cases.push(after(clarificationMessage(schema, 'ambiguous'), rules.name(`${any} ("," ${any}){1,${mostSuggestions - 1}} ${none}`)))
  }
  return rules.name(cases.join(' | '))
}
