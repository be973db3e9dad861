import { inner, literal, Rules, space } from '../gbnf.ts'
import { copyingGrammar as copyingCalls } from '../tools/doubts.ts'
import { clarifications, fields } from '../tools/grammar.ts'
import type { Tool } from '../tools/node.ts'
import { askable } from '../tools/schema.ts'
import { mostSteps } from './answer.ts'
import type { RecoverySchema } from './schema.ts'

const cached = new WeakMap<RecoverySchema, string>()

/**
 * GBNF (llama.cpp's dialect) of the answers as trained: commands with their intents, causes with their error types, commands and steps with
 * their parameters in schema order. Left to validation, since a grammar says it badly: which steps help with which cause.
 */
export function grammar(schema: RecoverySchema): string {
  let text = cached.get(schema)
  if (text === undefined) cached.set(schema, (text = write(schema)))
  return text
}

function write(schema: RecoverySchema): string {
  const rules = new Rules()
  const { commands, steps, causes } = schema
  const parametersOf = (tool: Tool) => space(fields(rules, tool.parameters))
  const asked = rules.name(commands.tools.flatMap((tool) => tool.intents.map((intent) => `${literal(`${inner(tool.name)}","intent":"${inner(intent)}","parameters":{`)}${parametersOf(tool)} "}}}"`)).join(' | '))
  const cause = rules.name(causes.map(({ error_type, root_cause }) => literal(`${inner(error_type)}","root_cause":"${inner(root_cause)}","correction":`)).join(' | '))
  const correction = rules.name([literal('null'), ...commands.tools.map((tool) => `${literal(`{"command_type":"${inner(tool.name)}","parameters":{`)}${parametersOf(tool)} "}}"`)].join(' | '))
  const step = rules.name(steps.tools.map((tool) => {
    const open = literal(`{"step":${JSON.stringify(tool.name)}`)
    if (tool.parameters.length === 0) return `${open} "}"`
    const given = `${literal(',"parameters":{')}${parametersOf(tool)} "}"`
    return `${open} ${askable(tool).length ? given : `(${given})?`} "}"`
  }).join(' | '))
  const recovery = `${cause} ${correction} ${literal(',"recovery_steps":[')} ${step} ("," ${step}){0,${mostSteps - 1}} "]}}"`
  const alternatives = [`${literal('command":{"command_type":"')} ${asked}`, `${literal('recovery":{"error_type":"')} ${recovery}`, `${literal('type":"clarification","message":"')} ${clarifications(rules, commands)}`]
  return `root ::= ${literal('{"')} (${alternatives.join(' | ')})\n${rules.text()}`
}

const constants = new WeakMap<RecoverySchema, string[]>()

/** Numbers that recoveries have of themselves ("wait 60"): no text needs to say them. */
function ownNumbers(schema: RecoverySchema): string[] {
  let found = constants.get(schema)
  if (!found) {
    const values = schema.causes.flatMap(({ steps, correction }) => [...steps.map(({ parameters }) => parameters), typeof correction === 'string' ? {} : 'set' in correction ? correction.set : correction.parameters].flatMap((each) => Object.values(each)))
    constants.set(schema, (found = [...new Set(values.filter((value) => typeof value === 'number').map(String))]))
  }
  return found
}

/** The grammar narrowed to values that stand in this text, and the numbers that recoveries have of themselves. */
export function copyingGrammar(schema: RecoverySchema, whole: string, text: string): string | undefined {
  const own = ownNumbers(schema).map(literal)
  const narrow = copyingCalls(schema.commands, whole, text)
  // Without any number in the text, the rule of all numbers stands.
  return own.length === 0 ? narrow : narrow?.replace(/^int ::= (?="-?\d)(?!"0" \| "-")/m, () => `int ::= ${own.join(' | ')} | `)
}
