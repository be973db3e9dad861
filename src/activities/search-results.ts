import { modelDir } from '../paths.ts'
import type { Plan } from '../plan.ts'
import { searchResults, type SearchResults, type TrialResult } from '../search/results.ts'
import { ArtifactStore } from '../store/artifacts.ts'
import { writeAtomically } from '../store/atomic.ts'
import type { Ref } from '../store/ref.ts'
import { activity } from './stage.ts'

/** hyperparameter_results.json: every trial with its curve, and the best setting. */
export async function writeSearchResults(plan: Plan, dataset: Ref, trials: TrialResult[]): Promise<{ results: Ref; best: SearchResults['best']; facts: Record<string, unknown> }> {
  return activity('results', async () => {
    const results = searchResults({ name: plan.name, base: plan.base, dataset: dataset.sha256, seed: plan.seed }, trials)
    const text = `${JSON.stringify(results, null, 2)}\n`
    await writeAtomically(modelDir(plan.name, 'hyperparameter_results.json'), text)
    const { best } = results
    return { results: await new ArtifactStore().putText(text, 'search'), best, facts: best ? { best: `trial ${best.trial}`, validation_loss: best.validation_loss } : {} }
  })
}
