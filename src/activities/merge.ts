import { join } from 'node:path'
import type { HostFacts, Plan } from '../plan.ts'
import { codeVersion } from '../store/code-version.ts'
import type { Ref } from '../store/ref.ts'
import { resolveBase } from './base.ts'
import { stage } from './stage.ts'

/** Merges a LoRA adapter into its base; a model that is whole already passes unchanged. */
export async function merge(plan: Plan, host: HostFacts, model: Ref): Promise<{ model: Ref; upToDate: boolean; seconds: number }> {
  if (host.base === 'scratch') return { model, upToDate: true, seconds: 0 }
  const inputs = { model: model.sha256, base: host.base, revision: host.revision, code: codeVersion('trainers', 'activities/merge') }
  const output = await stage('merge', plan.name, inputs, async ({ store, work, child, progress, signal }) => {
    await store.fetchTree(model, join(work, 'adapter'))
    const base = await resolveBase(host.base, { revision: host.revision, progress, signal })
    await child({ program: 'python', script: 'merge', spec: { stage: 'merge', model: join(work, 'adapter'), base: base.path, output: join(work, 'merged') } })
    return { trees: { model: await store.putTree(join(work, 'merged'), 'model') } }
  })
  return { ...output, model: output.trees!.model! }
}
