import { serveChild } from '../process/child.ts'
import { EvaluateSpec, evaluateTraining } from './pipeline.ts'
import { resultOf } from './report.ts'

await serveChild(EvaluateSpec, async (spec, hooks) => resultOf(await evaluateTraining(spec, hooks)))
