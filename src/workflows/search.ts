import { CancellationScope, isCancellation } from '@temporalio/workflow'
import type { SearchInput } from '../search/input.ts'
import type { SearchResults, TrialResult } from '../search/results.ts'
import type { Curve, Trial } from '../search/trials.ts'
import type { Ref } from '../store/ref.ts'
import { generateBatch, gpu, pipeline } from './activities.ts'
import { generateRows } from './generate.ts'
import { Run } from './run.ts'

const titles = { plan: 'Plan', trials: 'Plan trials', check: 'Check host', generate: 'Generate examples', dataset: 'Build dataset', results: 'Compare' }

export interface SearchResult {
  name: string
  best: SearchResults['best']
  files: { results: Ref; dataset: Ref }
}

/** Trainings of a downloaded base leave out what is too long for them, also of the rows that they are measured on. */
const onSameRows = (a: Trial, b: Trial) => a.setting['data.max_seq_length'] === b.setting['data.max_seq_length']

/** The best of several settings on one dataset: every trial is a stage; a hopeless one is broken off. */
export async function search({ vary, trials: most, ...input }: SearchInput): Promise<SearchResult> {
  const run = new Run(input.name, titles, (waiting) => pipeline.notify(input.name, 'waiting', waiting))
  const { plan } = await run.stage('plan', () => pipeline.freezePlan(input))
  run.plan = plan
  await pipeline.acquireTraining(plan.name)
  try {
    const { trials } = await run.stage('trials', () => pipeline.planSearch(plan, { vary, trials: most }))
    run.add('results', trials.map(({ number, setting, varies }) => ({ stage: `trial-${number}`, title: `Trial ${number}: ${varies.map((key) => `${key} ${setting[key]}`).join(', ') || 'the middle of every list'}` })))
    const { host } = await run.stage('check', () => gpu.checkHost(plan))
    const rows = await run.stage('generate', async () => generateRows({ generateBatch }, plan, await pipeline.planCoverage(plan), run))
    const { dataset } = await run.stage('dataset', () => pipeline.buildDataset(plan, rows))

    const done: TrialResult[] = []
    for (const { config, phases, ...trial } of trials) {
      const rivals: Curve[] = done.filter((other) => onSameRows(other, trial)).map(({ curve }) => curve)
      const { curve, validation_loss = curve.at(-1)!, figures, stopped_at, failed, seconds = 0 } = await run.stage(`trial-${trial.number}`, () => gpu.trial(plan, host, dataset, { config, phases, rivals }))
      const outcome = failed !== undefined ? { failed } : stopped_at === undefined ? { validation_loss } : { stopped_at }
      done.push({ ...trial, curve, seconds, ...figures, ...outcome })
    }
    const { results, best } = await run.stage('results', () => pipeline.writeSearchResults(plan, dataset, done))
    await pipeline.notify(plan.name, 'done', `${plan.name}: the search is done.`)
    return { name: plan.name, best, files: { results, dataset } }
  } catch (error) {
    if (!isCancellation(error)) await CancellationScope.nonCancellable(() => pipeline.notify(input.name, 'failed', String((error as Error).cause ?? error)))
    throw error
  } finally {
    await CancellationScope.nonCancellable(() => pipeline.releaseTraining(plan.name))
  }
}
