import { escapeRegExp } from '../../../text.ts'
import { valuesIn } from '../copied-values.ts'
import { isCommand, readAnswer } from '../answer.ts'
import type { Augmentation } from './index.ts'
import { madeUp } from './failure.ts'

/** The same words with another value, in the answer too. */
export const parameterSubstitution: Augmentation = (schema, row, r) => {
  const { answer } = readAnswer(row.output)
  if (!answer || !isCommand(answer)) return undefined
  const stands = (value: unknown) => new RegExp(`(?<![\\p{L}\\p{N}_])${escapeRegExp(String(value))}(?![\\p{L}\\p{N}_])`, 'u')
  const free = valuesIn(schema, answer).filter(({ value, node }) => node.shape.kind !== 'choice' && stands(value).test(row.instruction))
  if (free.length === 0) return undefined
  const { name, node, value } = r.pick(free)
  const other = madeUp({ name, node, required: true }, r)
  if (other === value || stands(other).test(row.instruction)) return undefined
  const output = JSON.stringify(JSON.parse(row.output), (key, leaf: unknown) => (key === name && leaf === value ? other : leaf))
  return { ...row, instruction: row.instruction.replace(stands(value), () => String(other)), output, intent: `${row.intent}/${other}` }
}
