import type { Row } from '../../dataset/row.ts'
import type { QualityCheck } from '../family.ts'
import { gbnfAccepts } from '../gbnf-accepts.ts'
import { checkAnswer, isCommand, isRecovery, readAnswer } from './answer.ts'
import { completion } from './completion.ts'
import { failedCommand } from './context.ts'
import { dryRun } from './dry-run.ts'
import { grammar } from './grammar.ts'
import { judged } from './rules.ts'
import { findCause, type RecoverySchema } from './schema.ts'

/**
 * The document's three quality checks, with the bounds of the YAML, over all rows as they were written. The dry run of commands and that of
 * recoveries are held to the bound each by itself: many good ones of the one must not hide bad ones of the other.
 */
export function quality(schema: RecoverySchema, rows: readonly Row[]): QualityCheck[] {
  const { semantic_validity, syntactic_correctness, execution_validation } = schema.quality_checks
  const rules = worst(rows.flatMap((row) => ruled(schema, row)))
  const accepts = gbnfAccepts(grammar(schema))
  const errors = worst(rows.map((row) => ({ value: spelt(schema, accepts, row) ? 1 : 0, why: `the answer of ${JSON.stringify(row.instruction)} is none of the grammar` })))
  const runs = Map.groupBy(rows.flatMap((row) => carriedOut(schema, row)), ({ what }) => what)
  const execution = (what: Run['what']): QualityCheck => {
    const { mean, why } = worst(runs.get(what) ?? [])
    return { name: `execution_validation: ${what}`, method: execution_validation.method, value: mean, least: execution_validation.success_rate_threshold, example: why }
  }
  return [
    { name: 'semantic_validity', method: semantic_validity.method, value: rules.mean, least: semantic_validity.confidence_threshold, example: rules.why },
    { name: 'syntactic_correctness', method: syntactic_correctness.method, value: errors.mean, least: 1 - syntactic_correctness.error_tolerance, example: errors.why },
    execution('commands'),
    execution('recoveries'),
  ]
}

interface Run { what: 'commands' | 'recoveries'; value: number; why: string }

/** The dry run of a row; nothing for questions back, which run nothing, and for what is no answer of the schema's, which misses the grammar check. */
function carriedOut(schema: RecoverySchema, row: Row): Run[] {
  const { answer } = readAnswer(row.output)
  if (!answer || checkAnswer(schema, answer).length > 0 || !(isCommand(answer) || isRecovery(answer))) return []
  const why = dryRun(schema, row)
  return [{ what: isCommand(answer) ? 'commands' : 'recoveries', value: why === undefined ? 1 : 0, why: `${JSON.stringify(row.instruction)}: ${why}` }]
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

/** Is the answer, as it will be learned, one that the grammar lets a model give? */
function spelt(schema: RecoverySchema, accepts: (text: string) => boolean, row: Row): boolean {
  try {
    return accepts(completion(schema, row.output))
  } catch {
    return false
  }
}

/** The mean, and what is wrong with the first that is not whole; without any rows nothing is. */
function worst(values: readonly { value: number; why: string }[]): { mean: number; why: string | undefined } {
  return { mean: values.length === 0 ? 1 : values.reduce((sum, { value }) => sum + value, 0) / values.length, why: values.find(({ value }) => value < 1)?.why }
}
