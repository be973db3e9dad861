/** What the task queue `clitron-gpu` registers: trainers and everything that loads a model. */
export { checkHost } from './check-host.ts'
export { dpo } from './dpo.ts'
export { evaluate } from './evaluate.ts'
export { merge } from './merge.ts'
export { preferences } from './preferences.ts'
export { quantize } from './quantize.ts'
export { sft } from './sft.ts'
export { trial } from './trial.ts'
