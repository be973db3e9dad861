import { numberWord } from '../../../teacher/english.ts'
import { misspell } from '../../../teacher/noise.ts'
import type { Random } from '../../../teacher/random.ts'
import { writeValue } from '../../../teacher/values.ts'
import type { Scalar } from '../../tools/json.ts'
import type { Correction } from '../answer.ts'
import { makeField } from '../make-context.ts'
import { withField } from '../context.ts'
import type { RecoverySchema } from '../schema.ts'
import { conditioned, fillerOf, ownBindings, propertyOf, slotValues, type Attempt, type Simulate } from './failure.ts'

/** What was typed wrong: a slip in a name, a number in words, one out of its bounds, a parameter left out. */
export const parameterCorruption: Simulate = (schema, cause, attempt, r) => {
  const property = propertyOf(schema, attempt)
  const { command, parameter = '' } = attempt
  const context = conditioned(schema, cause, attempt.context, r)
  const right = command.parameters[parameter] as Scalar | undefined
  const bindings = { ...slotValues(cause, r), ...ownBindings(attempt), right }
  const failing = (value: Scalar, better = right) => ({ failed: withParameter(command, parameter, value), context, bindings: { ...bindings, value, right: better } })
  if (!property || right === undefined) return undefined
  switch (cause.corruption!) {
    case 'misspelt': {
      const known = property.node.shape.kind === 'choice' ? property.node.shape.values.map(String) : []
      const [program = '', ...rest] = String(right).split(' ')
      // Of a command line the program is misspelt.
      const wrong = slip(program, r)
      if (wrong === undefined || known.includes(wrong)) return undefined
      const failure = failing([wrong, ...rest].join(' '))
      return { ...failure, bindings: { ...failure.bindings, wrong, program } }
    }
    case 'words': {
      const number = r.pick([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 30, 40, 50, 60, 100, 200])
      return failing(numberWord(number)!.replace(/^a /, ''), number)
    }
    case 'out_of_range': {
      const port = /port/.test(parameter)
      const bound = port ? Number(writeValue('port', r)) : r.weighted([[() => r.pick([10, 20, 50, 100, 200, 250, 500, 1000]), 3], [() => r.int(2, 5000), 2]] as const)()
      return failing(port ? bound + r.pick([1, -1, 2, 10, 100, -2]) : bound + r.pick([1, bound, 9 * bound, r.int(1, 4000)]), bound)
    }
    case 'missing': return missing(schema, cause.needs.length > 0, { ...attempt, context }, bindings, r)
  }
}

/** A parameter left out; `known`: the context answers for it. */
function missing(schema: RecoverySchema, known: boolean, { command, parameter = '', context }: Attempt, bindings: Record<string, Scalar | undefined>, r: Random) {
  const { [parameter]: _, ...parameters } = command.parameters
  const failed = { ...command, parameters }
  const field = Object.entries(schema.contexts).find(([, { fills }]) => fills.includes(parameter))?.[0]
  if (field === undefined && known) return undefined
  if (known) {
    const right = makeField(schema, field!, r)
    return { failed, context: withField(context, field!, right), bindings: { ...bindings, value: undefined, right } }
  }
  const there = fillerOf(schema, context, parameter)
  return { failed, context: there === undefined ? context : withField(context, there, undefined), bindings: { ...bindings, value: undefined, right: undefined } }
}

const withParameter = (command: Correction, parameter: string, value: Scalar): Correction => ({ ...command, parameters: { ...command.parameters, [parameter]: value } })

/** A name with one slip in one of its longer words; undefined where none is long enough. */
function slip(name: string, r: Random): string | undefined {
  const words = [...name.matchAll(/[A-Za-z]{3,}/g)].filter(({ 0: word, index }) => word.length > 3 || index === 0)
  if (words.length === 0) return undefined
  const { 0: word, index } = r.pick(words)
  for (let attempt = 0; attempt < 8; attempt++) {
    const wrong = misspell(word, r)
    if (wrong !== word && wrong.length > 1) return name.slice(0, index) + wrong + name.slice(index + word.length)
  }
  return undefined
}
