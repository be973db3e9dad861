import type { Row } from '../../dataset/row.ts'
import type { QualityCheck } from '../family.ts'
import { isRecovery, readAnswer } from './answer.ts'
import { completion } from './completion.ts'
import { failedCommand } from './context.ts'
import { dryRun } from './dry-run.ts'
import { judged } from './rules.ts'
import { findCause, type RecoverySchema } from './schema.ts'

/** The document's three quality checks, with the bounds of the YAML, over all rows as they were written. */
export function quality(schema: RecoverySchema, rows: readonly Row[]): QualityCheck[] {
  const { semantic_validity, syntactic_correctness, execution_validation } = schema.quality_checks
  const rules = worst(rows.flatMap((row) => ruled(schema, row)))
  const errors = worst(rows.map((row) => ({ value: spelt(schema, row) ? 1 : 0, why: `the answer of ${JSON.stringify(row.instruction)} is none of the grammar` })))
  const runs = worst(rows.map((row) => {
    const why = dryRun(schema, row)
    return { value: why === undefined ? 1 : 0, why: `${JSON.stringify(row.instruction)}: ${why}` }
  }))
  return [
    { name: 'semantic_validity', method: semantic_validity.method, value: rules.mean, least: semantic_validity.confidence_threshold, example: rules.why },
    { name: 'syntactic_correctness', method: syntactic_correctness.method, value: errors.mean, least: 1 - syntactic_correctness.error_tolerance, example: errors.why },
    { name: 'execution_validation', method: execution_validation.method, value: runs.mean, least: execution_validation.success_rate_threshold, example: runs.why },
  ]
}

/** The share of the expert rules that a recovery keeps; nothing for other rows, of which they say nothing. */
function ruled(schema: RecoverySchema, row: Row): { value: number; why: string }[] {
  const { answer } = readAnswer(row.output)
  if (!answer || !isRecovery(answer)) return []
  const cause = findCause(schema, answer.recovery.root_cause)
  if (!cause) return [{ value: 0, why: `${JSON.stringify(row.instruction)} has the unknown cause ${answer.recovery.root_cause}` }]
  const { correction, recovery_steps } = answer.recovery
  const { kept, broken } = judged(schema, { failed: failedCommand(row.context), cause, correction, steps: recovery_steps })
  return [{ value: kept, why: `${JSON.stringify(row.instruction)} breaks ${broken}` }]
}

/** Is the answer, as it will be learned, one of the grammar's? */
function spelt(schema: RecoverySchema, row: Row): boolean {
  try {
    const target = completion(schema, row.output)
    return completion(schema, target) === target
  } catch {
    return false
  }
}

/** The mean, and what is wrong with the first that is not whole; without any rows nothing is. */
function worst(values: readonly { value: number; why: string }[]): { mean: number; why: string | undefined } {
  return { mean: values.length === 0 ? 1 : values.reduce((sum, { value }) => sum + value, 0) / values.length, why: values.find(({ value }) => value < 1)?.why }
}
