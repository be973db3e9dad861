import type { WorkflowInterceptorsFactory } from '@temporalio/workflow'

/** What the Web UI shows beside each activity, in a person's words. */
const texts: Record<string, (args: any[]) => string> = {
  freezePlan: ([input]) => `${input.name}: settle schema, configuration and defaults`,
  acquireTraining: ([name]) => `${name}: one run at a time`,
  releaseTraining: ([name]) => `${name}: the next run may begin`,
  checkHost: ([plan]) => `${plan.base} through the whole conversion, as a throw-away model`,
  planCoverage: ([plan]) => `plan ${plan.count} examples`,
  generateBatch: ([plan, { from, to, total }]) => `examples ${from + 1} to ${to} of ${total}, ${plan.teacher.kind}`,
  buildDataset: () => 'validate, remove doubles, split by intent, check for leaks',
  sft: ([plan, , , lesson]) => `supervised fine-tuning of ${plan.base}${lesson?.phase ? `: ${lesson.phase.title}` : ''}`,
  merge: () => 'merge the adapter into its base',
  preferences: ([plan]) => `up to ${plan.pairs} preference pairs from the model's own answers`,
  dpo: () => 'preference tuning over the merged model',
  quantize: ([plan]) => `${plan.model ? `${plan.model}: ` : ''}GGUF F16, then ${plan.quant}`,
  evaluate: () => 'choose, calibrate, score the quantized file, write the report',
  improve: ([plan]) => `what round ${plan.round ?? 0} got wrong, and what more is to be written`,
  publish: ([plan]) => `record the version, lay out training/models/${plan.name}`,
  notify: ([, state]) => `tell the person: ${state}`,
}

/** Adds the summaries without a word in `train.ts`. A summary is metadata: replay does not compare it. */
export const interceptors: WorkflowInterceptorsFactory = () => ({
  outbound: [{
    scheduleActivity(input, next) {
      const summary = texts[input.activityType]?.(input.args)
      return next(summary ? { ...input, options: { ...input.options, summary: summary.slice(0, 200) } } : input)
    },
  }],
})
