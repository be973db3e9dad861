import type { Row } from '../../dataset/row.ts'
import { boundariesOf, complexityScore, entityTags } from './annotations.ts'
import { isCommand, isRecovery, mostSteps, readAnswer, type RecoveryAnswer } from './answer.ts'
import { normalizedInput } from './completion.ts'
import { dryRun } from './dry-run.ts'
import { findCause, type RecoverySchema } from './schema.ts'

/** The category, severity and complexity that follow from a recovery. */
export function recoveryAnnotations(schema: RecoverySchema, { root_cause, recovery_steps }: RecoveryAnswer['recovery']) {
  const { category, severity } = findCause(schema, root_cause)!
  return { error_category: category, severity_level: severity, recovery_complexity: Math.round((100 * recovery_steps.length) / mostSteps) / 100 }
}

/**
 * A row as a record of the document's command dataset or error dataset, with all fields and annotations; undefined for questions back, which
 * neither has. What somebody recorded of the command stays; of one that nobody ran, `success` is that of the dry run, which takes no time (seconds).
 */
export function toRecord(schema: RecoverySchema, row: Row): { dataset: 'command_dataset' | 'error_dataset'; record: Record<string, unknown> } | undefined {
  const { answer } = readAnswer(row.output)
  const { failed_command, ...context } = row.context ?? {}
  const { success = dryRun(schema, row) === undefined, execution_time = 0, success_indicator = success } = row.bookkeeping ?? {}
  if (answer && isCommand(answer)) {
    const { command_type, intent, parameters } = answer.command
    const boundaries = boundariesOf(row.instruction, parameters)
    const record = {
      raw_input: row.instruction, normalized_input: normalizedInput({ command_type, parameters }), command_type, parameters, context, success, execution_time,
      intent_labels: [intent], parameter_boundaries: boundaries, entity_tags: entityTags(row.instruction, boundaries), complexity_score: complexityScore(row.instruction, parameters),
    }
    return { dataset: 'command_dataset', record }
  }
  if (!answer || !isRecovery(answer)) return undefined
  const { error_type, root_cause, correction, recovery_steps } = answer.recovery
  return { dataset: 'error_dataset', record: { failed_command, error_type, error_message: row.instruction, correction, recovery_steps, success_indicator, ...recoveryAnnotations(schema, answer.recovery), root_cause, context } }
}

/** By which rules the annotations of records are made, for whoever annotates rows by hand. */
export function annotationRules({ intents, causes, categories, severities, expert_rules }: RecoverySchema): string[] {
  return [
    `intent_labels: what is wanted by a request, one of the ${Object.keys(intents).length} intents that its command has.`,
    'parameter_boundaries: where a value stands in the raw input, in UTF-16 units, the end not part of it; a value that is implied or comes from the context has none.',
    'entity_tags: a tag for each word between spaces: B- and the parameter where a value begins, I- inside of it, O elsewhere.',
    'complexity_score: 0 to 1; half of it for as many as five parameters, a third for 20 words, the rest for parameters that only the context tells.',
    `root_cause: one of ${causes.length}, each of one error type; error_category (${categories.join(', ')}) and severity_level (${severities.join(', ')}) are those of the error type.`,
    `recovery_complexity: recovery steps of the ${mostSteps} that there can be.`,
    ...expert_rules.map(({ rule, text }) => `Rule ${rule} of a recovery: ${text}.`),
  ]
}
