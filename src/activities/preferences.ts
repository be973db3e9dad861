import { join } from 'node:path'
import type { HostFacts, Plan } from '../plan.ts'
import { llamaTag } from '../setup/llama-cpp.ts'
import { codeVersion } from '../store/code-version.ts'
import type { Ref } from '../store/ref.ts'
import { ArtifactStore } from '../store/artifacts.ts'
import { dataFolder } from './data-folder.ts'
import { stage } from './stage.ts'

/** Asks the SFT model fresh questions and pairs the ideal answer with its own wrong one, or with a near miss. */
export async function preferences(plan: Plan, _host: HostFacts, dataset: Ref, gguf: Ref): Promise<{ pairs: Ref; facts: Record<string, unknown>; upToDate: boolean; seconds: number }> {
  const inputs = { dataset: dataset.sha256, gguf: gguf.sha256, schema: plan.schema.sha256, golden: plan.golden?.sha256, pairs: plan.pairs, seed: plan.seed, quant: plan.quant, code: codeVersion('tasks', 'teacher', 'inference', 'dataset', 'activities/preferences'), llama: llamaTag() }
  const output = await stage('preferences', plan.name, inputs, async ({ store, work, child }) => {
    await store.fetchTree(dataset, join(work, 'data'))
    await store.fetchTree(gguf, join(work, 'gguf'))
    await store.fetchFile(plan.schema, join(work, 'schema.yaml'))
    if (plan.golden) await store.fetchFile(plan.golden, join(work, 'golden.jsonl'))
    const out = join(work, 'preferences.jsonl')
    const { facts } = await child({
      program: 'node', script: 'inference/run-preferences',
      spec: {
        name: plan.name, schema: join(work, 'schema.yaml'), dataset: join(work, 'data'), ...(plan.golden && { golden: join(work, 'golden.jsonl') }),
        gguf: join(work, 'gguf', `clitron-${plan.name}-${plan.quant}.gguf`), pairs: plan.pairs, seed: plan.seed, out,
      },
    })
    return { files: { pairs: await store.putFile(out, 'preferences') }, facts: facts as Record<string, unknown> }
  })
  const pairs = output.files!.pairs!
  await new ArtifactStore().fetchFile(pairs, dataFolder(plan, 'preferences.jsonl'))
  return { ...output, pairs, facts: output.facts ?? {} }
}
