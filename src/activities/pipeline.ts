/** What the task queue `clitron` registers: light activities. */
export { buildDataset } from './build-dataset.ts'
export { freezePlan } from './freeze-plan.ts'
export { generateBatch } from './generate-batch.ts'
export { improve } from './improve.ts'
export { notify } from './notify.ts'
export { planCoverage } from './plan-coverage.ts'
export { publish } from './publish.ts'
export { acquireTraining, releaseTraining } from './training-lock.ts'
