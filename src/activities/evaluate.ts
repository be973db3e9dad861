import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { splitFiles } from '../dataset/assemble.ts'
import { isLesson } from '../dataset/training-rows.ts'
import type { Plan } from '../plan.ts'
import { champion } from '../registry/registry.ts'
import { llamaTag } from '../setup/llama-cpp.ts'
import { ArtifactStore } from '../store/artifacts.ts'
import { codeVersion } from '../store/code-version.ts'
import type { Ref } from '../store/ref.ts'
import { madeBy } from './made-by.ts'
import { stage } from './stage.ts'

interface Candidates {
  dataset: Ref
  candidates: { sft: Ref; dpo: Ref }
  /** The second model, where there is one. */
  companion?: Ref | undefined
  training: Record<string, unknown>
}

/**
 * Chooses between the SFT and the DPO model on the validation split, calibrates the chosen file, scores it on rows it never saw,
 * and writes the report, the model card and the bundle. A schedule's challenger is scored beside the champion on the same rows.
 */
export async function evaluate(plan: Plan, { dataset, candidates, companion, training }: Candidates): Promise<{ report: Ref; score: number; facts: Record<string, unknown>; upToDate: boolean; seconds: number }> {
  const best = plan.retrain ? await champion(new ArtifactStore(), plan.name) : undefined
  const inputs = {
    dataset: dataset.sha256, sft: candidates.sft.sha256, dpo: candidates.dpo.sha256, companion: companion?.sha256, schema: plan.schema.sha256, golden: plan.golden?.sha256, quant: plan.quant,
    champion: best?.report.sha256, gates: plan.configs.gates, settings: settingsOf(plan), code: codeVersion('tasks', 'teacher', 'inference', 'dataset', 'evaluation', 'activities/evaluate', 'activities/made-by'), llama: llamaTag(),
  }
  const output = await stage('eval', plan.name, inputs, async ({ store, work, child }) => {
    const folder = (name: string) => join(work, name)
    await store.fetchTree(dataset, folder('data'), (path) => isLesson(path, undefined))
    await store.fetchTree(candidates.sft, folder('sft'))
    await store.fetchTree(candidates.dpo, folder('dpo'))
    if (companion) await store.fetchTree(companion, folder('companion'))
    if (best) {
      await store.fetchTree(best.report, folder('champion'))
      await store.fetchTree(best.dataset, folder('champion-data'), (path) => path === splitFiles.train)
    }
    await store.fetchFile(plan.schema, folder('schema.yaml'))
    if (plan.golden) await store.fetchFile(plan.golden, folder('golden.jsonl'))
    await rm(folder('report'), { recursive: true, force: true })
    const { score, ...facts } = await child({
      program: 'node', script: 'evaluation/run-evaluate', stallSeconds: 1800,
      spec: {
        name: plan.name, quant: plan.quant, base: plan.base, teacher: plan.teacher.kind, seed: plan.seed, schema: folder('schema.yaml'), dataset: folder('data'), candidates: { sft: folder('sft'), dpo: folder('dpo') }, ...(companion && { companion: folder('companion') }),
        ...(best && { champion: { report: folder('champion'), train: join(folder('champion-data'), splitFiles.train) } }), ...(plan.golden && { golden: folder('golden.jsonl') }), ...(plan.configs.gates && { gates: plan.configs.gates }), training, settings: settingsOf(plan), command: await madeBy(store, plan, 'train'), outDir: folder('report'),
      },
    })
    const report = await store.putTree(folder('report'), 'report')
    delete facts.event
    return { trees: { report }, facts: { ...facts, score } }
  })
  return { ...output, report: output.trees!.report!, score: Number(output.facts?.score ?? 0), facts: output.facts ?? {} }
}

/** By stage of the training, the configuration that its trainer was given. */
function settingsOf({ configs, phases, companion }: Plan): Record<string, Record<string, unknown>> {
  const own = phases ? phases.map(({ title, config }) => [title, config] as const) : [['Supervised fine-tuning', configs.sft] as const]
  const beside = companion ? companion.phases.map(({ title, config }) => [`${companion.title}: ${title}`, config] as const) : []
  return Object.fromEntries([...own, ['Preference tuning', configs.dpo], ...beside])
}
