import type { TrainInput } from '../plan.ts'
import { trainUntil } from './train.ts'

export { search } from './search.ts'
export { train } from './train.ts'

// One workflow type for each single stage: it makes what the stage needs (or finds it up to date), does it, and stops.
export const generate = (input: TrainInput) => trainUntil(input, 'generate')
export const sft = (input: TrainInput) => trainUntil(input, 'sft')
export const preferences = (input: TrainInput) => trainUntil(input, 'preferences')
export const dpo = (input: TrainInput) => trainUntil(input, 'dpo')
export const quantize = (input: TrainInput) => trainUntil(input, 'quantize')
/** Workflow type `eval`; the word is reserved as a binding name in strict mode. */
const evaluate = (input: TrainInput) => trainUntil(input, 'eval')
export { evaluate as eval }
