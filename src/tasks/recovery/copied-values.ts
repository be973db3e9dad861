import type { CopiedValue, Row } from '../../dataset/row.ts'
import { replaceable, type UsedValue } from '../replaceable.ts'
import { isFree } from '../tools/copied-values.ts'
import type { Json } from '../tools/json.ts'
import { findTool, type ToolsSchema } from '../tools/schema.ts'
import { leavesOf, type Leaf } from '../tools/values.ts'
import { callOf, isCommand, isRecovery, readAnswer, stepCall, type Answer } from './answer.ts'
import { completion } from './completion.ts'
import type { RecoverySchema } from './schema.ts'
import { userText } from './user-text.ts'

const leavesIn = (schema: ToolsSchema, { name, parameters }: { name: string; parameters: Record<string, Json> }): Leaf[] => leavesOf(findTool(schema, name)?.parameters ?? [], parameters)

/** Every single value of an answer, with the parameter that it is a value of. */
export function valuesIn({ commands, steps }: RecoverySchema, answer: Answer): Leaf[] {
  if (isCommand(answer)) return leavesIn(commands, callOf(answer.command))
  if (!isRecovery(answer)) return []
  const { correction, recovery_steps } = answer.recovery
  return [...(correction ? leavesIn(commands, callOf(correction)) : []), ...recovery_steps.flatMap((step) => leavesIn(steps, stepCall(step)))]
}

/** Values that a trainer may replace consistently in the input and in the answer: texts and free numbers, wherever they stand. */
export function copiedValues(schema: RecoverySchema, row: Row): CopiedValue[] {
  const { answer } = readAnswer(row.output)
  if (!answer) return []
  const found = new Map<string, UsedValue>()
  for (const { name, node, value } of valuesIn(schema, answer)) {
    if (!isFree(node) || value === null) continue
    const text = String(value)
    const known = found.get(text)
    if (known) known.uses++
    else found.set(text, { value: text, kind: typeof value === 'number' ? 'number' : (node.format ?? name), uses: 1 })
  }
  return replaceable([...found.values()], userText(schema, row.instruction, row.context), completion(schema, row.output))
}
