import type { CopiedValue, Row } from '../../dataset/row.ts'
import { replaceable, type UsedValue } from '../replaceable.ts'
import { readAnswer } from './answer.ts'
import { completion } from './completion.ts'
import { findLeaf, type Arg, type CliSchema } from './schema.ts'
import { userText } from './user-text.ts'

/**
 * Argument values that a trainer may replace consistently in the input and in the answer: each stands as a whole word in the
 * input, nowhere in the answer but as a value, and in no other copied value.
 */
export function copiedValues(schema: CliSchema, row: Row): CopiedValue[] {
  const { answer } = readAnswer(row.output)
  if (answer?.type !== 'command') return []
  const leaf = findLeaf(schema, answer.command, answer.subcommand)
  if (!leaf) return []
  const text = userText(schema, row.instruction, row.context)
  const written = completion(schema, row.output)
  const found = new Map<string, UsedValue>()
  for (const arg of leaf.args) {
    if (arg.type === 'enum' || (arg.pattern !== undefined && !arg.format) || !Object.hasOwn(answer.args, arg.name)) continue
    for (const item of [answer.args[arg.name]!].flat()) {
      const value = String(item)
      if (value === '@me' || value === '' || value === arg.default) continue
      const known = found.get(value)
      if (known) known.uses++
      else found.set(value, { value, kind: kindOf(arg, value, text), uses: 1 })
    }
  }
  return replaceable([...found.values()], text, written)
}

function kindOf(arg: Arg, value: string, text: string): string {
  if (arg.type === 'integer') return 'number'
  if (arg.format) return arg.format
  if (/\s/.test(value) || text.includes(`"${value}"`)) return 'text'
  return 'word'
}
