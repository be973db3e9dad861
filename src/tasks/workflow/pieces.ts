import { comparisons, functionNames } from './expression.ts'
import { repliesOf } from './completion.ts'
import type { Parameter, WorkflowSchema } from './schema.ts'

/**
 * Strings of completions that become single tokens: the way from one step into the next, each key, each value of an enum, operators between
 * quotes, each reply. What ends a value (quote, comma) is a token of its own, and no piece ends with what another one begins with: cut from the
 * left or the longest first, the pieces are the same.
 */
export function pieces(schema: WorkflowSchema): string[] {
  const found = new Set(['"', ',', "'", '"]', '}}]', '{"steps":[', '{"variables":{', '},"steps":[', '@var:'])
  for (const { name, parameters } of schema.actions) {
    const open = `{"action":"${name}","parameters":{`
    const first = parameters[0]
    for (const before of ['}},', '']) found.add(`${before}${open}`)
    // Most steps begin with their first parameter.
    if (first?.required && first.type !== 'enum') for (const before of ['}},', '']) found.add(`${before}${open}${opening(first)}`)
    for (const parameter of parameters) for (const piece of parameterPieces(parameter)) found.add(piece)
  }
  for (const name of Object.keys(schema.variables)) found.add(`@var:${name}"`)
  for (const fact of Object.keys(schema.facts)) {
    found.add(`},"conditions":["${fact}`)
    found.add(`"if":"${fact}`)
  }
  for (const operator of comparisons) for (const quote of ['', "'"]) found.add(` ${operator} ${quote}`)
  for (const operator of ['+', '*', '/', '-']) found.add(` ${operator} `)
  for (const name of functionNames) found.add(`"${name}(`)
  for (const word of ['true', 'false', 'null']) for (const operator of ['==', '!=']) found.add(` ${operator} ${word}`)
  for (const { text } of repliesOf(schema)) found.add(JSON.stringify({ response: text }))
  return [...found]
}

const quotedTypes = ['text', 'file', 'url', 'column', 'condition', 'expression']

/** The key with what every value begins with. */
const opening = ({ name, type }: Parameter) => `"${name}":${quotedTypes.includes(type) ? '"' : type === 'columns' ? '["' : type === 'steps' ? '[' : ''}`

function parameterPieces(parameter: Parameter): string[] {
  if (parameter.type === 'enum') return parameter.values!.filter((value) => value !== parameter.default).map((value) => `"${parameter.name}":${JSON.stringify(value)}`)
  // A value that is a variable begins otherwise than the rest.
  return [opening(parameter), `"${parameter.name}":`]
}
