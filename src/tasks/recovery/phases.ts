import type { Row } from '../../dataset/row.ts'
import { hash53 } from '../../dataset/text.ts'
import type { RecoverySchema } from './schema.ts'
import type { Training } from './training.ts'

/** One stage of a model's tuning, as the YAML has it. */
export interface TuningPhase {
  name: string
  title: string
  /** Of the model's steps; the shares of all its stages add up to 1. */
  share: number
  /** Slices with the values that count; all rows where absent. */
  rows: Readonly<Record<string, readonly string[]>> | undefined
  /** So many of the other rows stay among them, 0 to 1, lest what was learned is forgotten. */
  replay: number
  learning_rate: number
  batch_size: number
  epochs: number
  warmup_ratio: number
  label_smoothing: number
}

/** One phase of the schedule that runs across the stages. */
export interface SchedulePhase {
  name: string
  steps: number
  /** Of all steps of the schedule. */
  share: number
  learning_rate: Training['training_schedule']['main_phase']['learning_rate']
  batch_size: Training['training_schedule']['main_phase']['batch_size']
}

/** The stages of the command predictor: each takes as many epochs as the others. */
export function predictorPhases({ training }: Pick<RecoverySchema, 'training'>): TuningPhase[] {
  const { stages, hyperparameters: { learning_rate, batch_size, epochs_per_stage, warmup_ratio } } = training.command_predictor
  return stages.map(({ name, title, rows, replay }) => ({ name, title, share: 1 / stages.length, rows, replay, learning_rate, batch_size, epochs: epochs_per_stage, warmup_ratio, label_smoothing: 0 }))
}

/** The stages of the intent classifier, which share the epochs. */
export function classifierPhases({ training }: Pick<RecoverySchema, 'training'>): TuningPhase[] {
  const { stages, hyperparameters: { learning_rate, batch_size, total_epochs, label_smoothing } } = training.intent_classifier
  return stages.map(({ name, title, rows, replay }) => ({ name, title, share: 1 / stages.length, rows, replay, learning_rate, batch_size, epochs: total_epochs / stages.length, warmup_ratio: 0, label_smoothing }))
}

/** The schedule as the document writes it, in its steps. */
export function schedulePhases({ training }: Pick<RecoverySchema, 'training'>): SchedulePhase[] {
  const phases = Object.entries(training.training_schedule)
  const all = phases.reduce((sum, [, { duration }]) => sum + duration, 0)
  return phases.map(([name, { duration, learning_rate, batch_size }]) => ({ name, steps: duration, share: duration / all, learning_rate, batch_size }))
}

/** The steps that the embedded default takes of the schedule's: `scale` is declared, and told in the report. */
export const embeddedSteps = (schema: Pick<RecoverySchema, 'training'>): number => Math.round(schema.training.scale * schedulePhases(schema).reduce((sum, { steps }) => sum + steps, 0))

/** Is the row one of those that a stage is about? */
export const isAbout = ({ rows }: Pick<TuningPhase, 'rows'>, { slice }: Pick<Row, 'slice'>): boolean =>
  Object.entries(rows ?? {}).every(([name, values]) => values.includes(slice?.[name] ?? ''))

/** Is the row one of the others that stay? The same ones whenever it is asked. */
export const isReplayed = ({ replay }: Pick<TuningPhase, 'replay'>, { id, instruction }: Pick<Row, 'id' | 'instruction'>): boolean => hash53(id ?? instruction) < replay * 2 ** 53
