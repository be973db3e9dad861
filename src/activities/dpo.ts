import { join } from 'node:path'
import type { HostFacts, Plan } from '../plan.ts'
import { codeVersion } from '../store/code-version.ts'
import type { Ref } from '../store/ref.ts'
import { carryCheckpoints, checkpointInterval } from './checkpoints.ts'
import { trainingFigures } from './sft.ts'
import { stage } from './stage.ts'

/** Direct preference optimization over the merged SFT model, which is also its reference, on resume too. */
export async function dpo(plan: Plan, host: HostFacts, model: Ref, dataset: Ref, pairs: Ref): Promise<{ model: Ref; metrics: Record<string, unknown>; facts: Record<string, unknown>; upToDate: boolean; seconds: number }> {
  const { device, precision } = host
  const inputs = { model: model.sha256, pairs: pairs.sha256, config: plan.configs.dpo, device, precision, seed: plan.seed, code: codeVersion('trainers', 'activities/dpo', 'activities/sft') }
  const output = await stage('dpo', plan.name, inputs, async ({ store, work, key, check, child }) => {
    await store.fetchTree(model, join(work, 'sft'))
    await store.fetchFile(pairs, join(work, 'preferences.jsonl'))
    await store.fetchTree(dataset, join(work, 'data'), (path) => path === 'sft.validation.jsonl')
    const checkpoints = await carryCheckpoints({ store, key, check }, 'dpo', join(work, 'checkpoints'))
    const result = await child({
      program: 'python', script: 'dpo', onEvent: checkpoints.onEvent,
      spec: { stage: 'dpo', name: plan.name, model: join(work, 'sft'), preferences: join(work, 'preferences.jsonl'), config: plan.configs.dpo, work: join(work, 'checkpoints'), output: join(work, 'model'), seed: plan.seed, device, precision, ...checkpointInterval() },
    }).finally(checkpoints.stored)
    const tuned = await store.putTree(join(work, 'model'), 'model')
    await checkpoints.done()
    return { trees: { model: tuned }, facts: trainingFigures(result) }
  })
  const facts = output.facts ?? {}
  return { ...output, model: output.trees!.model!, metrics: facts, facts: { loss: facts.train_loss } }
}
