import type { Row } from '../../dataset/row.ts'
import { hash53 } from '../../dataset/text.ts'
import type { Phase } from '../family.ts'
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

/** The schedule's steps, which a downloaded base takes at most, and those of them that the embedded default takes: `scale` is declared, and told in the report. */
export function mostSteps(schema: Pick<RecoverySchema, 'training'>): { scratch: number; downloaded: number } {
  const downloaded = schedulePhases(schema).reduce((sum, { steps }) => sum + steps, 0)
  return { scratch: Math.round(schema.training.scale * downloaded), downloaded }
}

/** The same in words. */
export function stepsNote(schema: Pick<RecoverySchema, 'training'>): string {
  const { scratch, downloaded } = mostSteps(schema)
  return `Each of the two models takes at most the schedule's ${downloaded.toLocaleString('en')} steps; from scratch ${schema.training.scale} of them (training.scale), which are ${scratch.toLocaleString('en')}.`
}

/** The stages of a model as phases of its training. A downloaded base has the numbers of the document. */
export function phasesOf(schema: Pick<RecoverySchema, 'training'>, stages: readonly TuningPhase[]): Phase[] {
  return stages.map((stage, at) => ({
    name: stage.name, title: stage.title, share: stage.share, takes: (row) => isAbout(stage, row) || isReplayed(stage, row),
    downloaded: {
      schedule: scheduleOf(schema, stages, at),
      training: {
        learning_rate: stage.learning_rate, per_device_train_batch_size: stage.batch_size, gradient_accumulation_steps: 1, num_train_epochs: stage.epochs, warmup_ratio: stage.warmup_ratio,
        ...(stage.label_smoothing > 0 && { label_smoothing: stage.label_smoothing }),
      },
    },
  }))
}

/** The piece of the schedule that falls to the stage at this place: it runs across all of them. The `schedule` section of a configuration (trainers/schedule.py). */
export function scheduleOf(schema: Pick<RecoverySchema, 'training'>, stages: readonly TuningPhase[], at: number) {
  const until = (end: number) => stages.slice(0, end).reduce((sum, { share }) => sum + share, 0)
  return { parts: schedulePhases(schema).map(({ share, learning_rate, batch_size }) => ({ share, learning_rate, batch_size })), begin: until(at), end: until(at + 1) }
}

/** Is the row one of those that a stage is about? */
export const isAbout = ({ rows }: Pick<TuningPhase, 'rows'>, { slice }: Pick<Row, 'slice'>): boolean =>
  Object.entries(rows ?? {}).every(([name, values]) => values.includes(slice?.[name] ?? ''))

/** Is the row one of the others that stay? The same ones whenever it is asked. */
export const isReplayed = ({ replay }: Pick<TuningPhase, 'replay'>, { id, instruction }: Pick<Row, 'id' | 'instruction'>): boolean => hash53(id ?? instruction) < replay * 2 ** 53
