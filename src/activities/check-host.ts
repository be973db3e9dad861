import { hostname } from 'node:os'
import { mkdir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { stateDir } from '../paths.ts'
import type { HostFacts, Plan } from '../plan.ts'
import { llamaPaths, llamaTag } from '../setup/llama-cpp.ts'
import { requireRoom } from '../setup/room.ts'
import { ArtifactStore } from '../store/artifacts.ts'
import { codeVersion } from '../store/code-version.ts'
import { localRevision, pinnedRevision, resolveBase } from './base.ts'
import { missingBriefs } from './plan-coverage.ts'
import { activity, stage, type StageContext } from './stage.ts'

/**
 * Before anything is spent: the base is here, disk and memory suffice, and a throw-away model of the same architecture and
 * tokenizer goes through the whole conversion. Also measures the precision, which then belongs to the run.
 */
export async function checkHost(plan: Plan): Promise<{ host: HostFacts; facts: Record<string, unknown>; upToDate: boolean; seconds: number }> {
  // Measured unless the host says otherwise: two runs that must come out the same, bit by bit, name it.
  const precision = process.env.CLITRON_PRECISION ?? 'auto'
  let revision: string | undefined
  const inputs = async (context: Pick<StageContext, 'progress' | 'signal'>) => {
    revision = (await localRevision(plan.base)) ?? (await pinnedRevision(plan.base, plan.force, context))
    return { precision, ...(await accelerators()), base: plan.base, revision, quant: plan.quant, config: plan.configs.sft, host: hostname(), code: codeVersion('trainers', 'activities/check-host'), llama: llamaTag() }
  }
  const output = await stage('check', plan.name, inputs, async ({ work, child, progress, signal }) => {
    const base = await resolveBase(plan.base, { revision, progress, signal })
    const paths = await llamaPaths()
    const folder = join(work, 'preflight')
    await mkdir(folder, { recursive: true })
    const result = await child({
      program: 'python', script: 'preflight',
      spec: { stage: 'preflight', name: plan.name, base: base.path, quant: plan.quant, output: folder, config: plan.configs.sft, device: 'auto', precision, llama_cpp: { convert: paths.convert, library: paths.library } },
    })
    // Recorded, for room is a matter of the day: it is asked for again.
    const needs = { disk: Number(result.bytes_needed), memory: Number(result.memory_needed) }
    const host: HostFacts = { device: String(result.device), precision: String(result.precision), base: plan.base, ...(base.revision && { revision: base.revision }), needs }
    return { facts: { ...host } }
  })
  const host = output.facts as HostFacts
  // The training asks before it begins, but a paid teacher writes before that. With all rows there, nothing may be left to train either.
  if (host.needs && plan.teacher.kind === 'anthropic') {
    await activity('check', async () => {
      const store = new ArtifactStore()
      if ((await missingBriefs(store, plan)).missing.length) await requireRoom([stateDir('work'), store.root], host.needs!, host.base)
    })
  }
  return { ...output, facts: { device: host.device, precision: host.precision }, host }
}

/** What a new measurement of this host depends on: a GPU that came or went, or that this worker does not see. Nothing where there is none. */
async function accelerators(): Promise<{ gpus?: string[]; visible?: string }> {
  const gpus = (await readdir('/dev').catch(() => [])).filter((name) => /^(nvidia\d+|kfd|dxg)$/.test(name)).sort()
  const visible = process.env.CUDA_VISIBLE_DEVICES
  return { ...(gpus.length && { gpus }), ...(visible !== undefined && { visible }) }
}
