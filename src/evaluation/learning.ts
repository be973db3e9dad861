import { percent } from './format.ts'
import { mean } from './intervals.ts'

/** One logged step of a trainer, as far as reports show it. Losses are nats a token, of DPO nats a pair. */
export interface LossPoint {
  step: number
  loss?: number | undefined
  validation_loss?: number | undefined
  /** By top-level key of the answer, where answers have several: the mean over the tokens that spell it. */
  validation_loss_by_part?: Record<string, number> | undefined
  perplexity?: number | undefined
  /** Length of the gradient before it is cut. */
  grad_norm?: number | undefined
  learning_rate?: number | undefined
  tokens_per_second?: number | undefined
  /** Of the last one, with early stopping: the step whose weights are kept, and this one where the training was to go on. */
  kept_step?: number | undefined
  stopped_early_at?: number | undefined
}

export const lossPointKeys = ['loss', 'validation_loss', 'perplexity', 'grad_norm', 'learning_rate', 'tokens_per_second', 'kept_step', 'stopped_early_at'] as const

/** How a training ended, with the figures that say so. */
export interface LearningVerdict {
  verdict: 'overfitting' | 'underfitting' | 'neither' | 'not told'
  /** For people: the verdict with its figures. */
  sentence: string
  /** What is called so. */
  rule: string
  /** With early stopping: the step whose weights are kept, and the step at which the training stopped, null where it took all. */
  early_stopping?: { kept_step: number; stopped_at: number | null }
  figures?: {
    validation: { lowest: number; at_step: number; last: number }
    /** Mean of the tenth of the steps that ends at the lowest validation loss, and at the end. */
    training: { at_lowest: number; last: number }
    /** Shares by which the losses fell a tenth of the steps, since `from_step`. */
    fall_per_tenth: { from_step: number; validation: number; training: number }
  }
}

/**
 * Least rise of the validation loss, as a share and in nats: of a loss near 0 a share alone says nothing. The last validation may be of more rows than
 * those before it, which moves it by a percent or two.
 */
const rise = { share: 0.05, nats: 0.005 }
/** Least fall a tenth of the steps, as a share, that says that the training ended too early. */
const fall = 0.05
/** Two validations make a line whatever happens. */
const fewest = 3

const rule = `Overfitting: since its lowest point the validation loss has risen by more than ${percent(rise.share, 0)} and ${rise.nats}, while the training loss fell. Underfitting: at the end both still fall by more than ${percent(fall, 0)} a tenth of the steps, and the training did not stop early. Neither is said of fewer than ${fewest} validations.`

/** @param points a training's own steps, without those of the phases before it */
export function learningVerdict(points: readonly LossPoint[]): LearningVerdict {
  const found = judged(points)
  const { kept_step: kept, stopped_early_at: stopped } = points.at(-1) ?? {}
  if (kept === undefined) return found
  return { ...found, sentence: `${found.sentence}. ${stopped === undefined ? 'It took all of its steps' : `It stopped early at step ${stopped}`}, and the weights of step ${kept} are kept`, early_stopping: { kept_step: kept, stopped_at: stopped ?? null } }
}

function judged(points: readonly LossPoint[]): LearningVerdict {
  const validated = points.flatMap(({ step, validation_loss: loss }) => (loss === undefined ? [] : [{ step, loss }]))
  const trained = points.flatMap(({ step, loss }) => (loss === undefined ? [] : [{ step, loss }]))
  if (validated.length < fewest || trained.length < fewest) return { verdict: 'not told', sentence: `whether it over- or underfits cannot be told: ${validated.length === 1 ? 'the validation loss was' : 'validation losses were'} measured ${validated.length === 1 ? 'once' : `${validated.length} times`}, ${fewest} times are needed`, rule }

  const [first, last] = [points[0]!.step, validated.at(-1)!]
  const tenth = (last.step - first) / 10
  const trainingAt = (step: number) => {
    const before = trained.filter((point) => point.step <= step)
    const near = before.filter((point) => point.step > step - tenth)
    return mean((near.length > 0 ? near : [before.at(-1) ?? trained[0]!]).map(({ loss }) => loss))
  }
  const lowest = validated.reduce((best, point) => (point.loss < best.loss ? point : best))
  const from = validated.findLast(({ step }) => step <= last.step - tenth) ?? validated[0]!
  const tenths = (last.step - from.step) / tenth
  const training = { at_lowest: trainingAt(lowest.step), last: trainingAt(last.step) }
  const perTenth = { from_step: from.step, validation: fallen(from.loss, last.loss, tenths), training: fallen(trainingAt(from.step), training.last, tenths) }
  const figures = { validation: { lowest: lowest.loss, at_step: lowest.step, last: last.loss }, training, fall_per_tenth: perTenth }

  const risen = last.loss - lowest.loss
  if (risen > rise.share * lowest.loss && risen > rise.nats && training.last < training.at_lowest) {
    return { verdict: 'overfitting', sentence: `overfits: its validation loss was lowest at step ${lowest.step} (${short(lowest.loss)}) and is ${short(last.loss)} at the end, ${percent(risen / lowest.loss, 0)} more, while its training loss fell from ${short(training.at_lowest)} to ${short(training.last)}; more examples help, more steps do not`, rule, figures }
  }
  if (perTenth.validation > fall && perTenth.training > fall && points.at(-1)!.stopped_early_at === undefined) {
    return { verdict: 'underfitting', sentence: `underfits: since step ${from.step} its validation loss still fell by ${percent(perTenth.validation, 0)} a tenth of the steps (to ${short(last.loss)}), its training loss by ${percent(perTenth.training, 0)}; more steps help`, rule, figures }
  }
  return { verdict: 'neither', sentence: `neither over- nor underfits: its validation loss is ${short(last.loss)} at the end, ${lowest === last ? 'its lowest' : `${short(lowest.loss)} at its lowest (step ${lowest.step})`}, and since step ${from.step} changed by ${signed(-perTenth.validation)} a tenth of the steps`, rule, figures }
}

/** The share by which a loss fell a tenth, the same in each; negative where it rose. */
const fallen = (from: number, to: number, tenths: number) => (from > 0 && to > 0 ? 1 - (to / from) ** (1 / tenths) : 0)

const short = (loss: number) => String(Number(loss.toPrecision(3)))
const signed = (share: number) => `${share < 0 ? '−' : '+'}${percent(Math.abs(share))}`

/** The points of the last `steps` of a training, whose file begins with the phases before it. */
export function ownSteps(points: readonly LossPoint[], steps: unknown): LossPoint[] {
  const end = points.at(-1)?.step ?? 0
  return typeof steps === 'number' ? points.filter(({ step }) => step > end - steps) : [...points]
}
