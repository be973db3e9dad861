import { numbersIn } from '../numbers.ts'
import { expressionsOf, isSteps, variableIn, walk, type Workflow } from './document.ts'
import { partsOf, type Scalar } from './expression.ts'
import { findAction, findParameter, operationOf, type WorkflowSchema } from './schema.ts'

export interface Value {
  value: string | number
  /** file, url, column, channel, text, number, decimal, date or word. */
  kind: string
}

/** The name of a file without the ending that its format decides. */
export const stemOf = (file: string, extension: string | undefined): string => (extension !== undefined && file.toLowerCase().endsWith(`.${extension}`) ? file.slice(0, -extension.length - 1) : file.replace(/\.(csv|json)$/i, ''))

/** Every value of a workflow that somebody must have said: what the language itself names (actions, enums, variables, facts) is none. One entry for each place. */
export function valuesIn(schema: WorkflowSchema, { variables = {}, steps }: Workflow): Value[] {
  const found: Value[] = []
  const add = (value: unknown, kind: string) => {
    if (typeof value === 'number') found.push({ value, kind: Number.isInteger(value) ? 'number' : 'decimal' })
    else if (typeof value === 'string' && value !== '') found.push({ value, kind: kind === 'word' ? wordKind(value) : kind })
  }
  for (const [name, value] of Object.entries(variables)) {
    add(name, 'variable')
    add(value, 'word')
  }
  for (const { step } of walk(steps)) {
    const action = findAction(schema, step.action)
    if (!action) continue
    for (const [name, value] of Object.entries(step.parameters ?? {})) {
      const parameter = findParameter(action, name)
      if (!parameter || parameter.type === 'enum' || parameter.type === 'condition' || parameter.type === 'expression' || isSteps(value) || value === parameter.default) continue
      for (const each of [value].flat()) {
        const variable = variableIn(each)
        if (variable !== undefined) {
          if (!Object.hasOwn(schema.variables, variable)) add(variable, 'variable')
        } else if (parameter.type === 'file') add(stemOf(String(each), parameter.extension), 'file')
        else add(each, parameter.type === 'columns' ? 'column' : parameter.type === 'text' ? (parameter.format ?? 'text') : parameter.type === 'value' ? 'word' : parameter.type)
      }
    }
    for (const part of expressionsOf(schema, step).flatMap(partsOf)) {
      // "If any are left" says no number.
      if (part.kind === 'literal' && part.value === 0 && (step.conditions || operationOf(action) === 'condition')) continue
      if (part.kind === 'literal') add(part.value as Scalar, 'word')
      else if (part.kind === 'variable' && !Object.hasOwn(schema.variables, part.name)) add(part.name, 'variable')
      else if (part.kind === 'name' && !Object.hasOwn(schema.facts, part.name)) add(part.name, 'column')
    }
  }
  return found
}

const wordKind = (value: string) => (/^\d{4}-\d{2}-\d{2}/.test(value) ? 'date' : /\s/.test(value) ? 'phrase' : 'word')

const few = ['no', 'nothing', 'none', 'empty', 'zero']

/** Does the value stand in the text, so that a model can know it? Verbatim, in other letter case, with spaces for underscores, or as a number in words. */
export function stands({ value }: Value, text: string): boolean {
  const words = text.toLowerCase()
  if (typeof value === 'number') return numbersIn(text).has(value) || words.includes(String(value)) || (value === 0 && few.some((word) => words.includes(word)))
  const wanted = value.toLowerCase()
  return words.includes(wanted) || words.includes(wanted.replaceAll('_', ' ').replace(/\s+/g, ' ').trim())
}

/** Values that nobody said. */
export const invented = (schema: WorkflowSchema, workflow: Workflow, text: string): Value[] => valuesIn(schema, workflow).filter((value) => !stands(value, text))
