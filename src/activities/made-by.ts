import { typedOptions } from '../earlier-options.ts'
import { type Plan, type TrainOptions, usualOptions } from '../plan.ts'
import type { ArtifactStore } from '../store/artifacts.ts'
import { loadSchema } from '../tasks/index.ts'
import { countBriefs } from '../teacher/briefs.ts'
import { defaultTeacherModel } from '../teacher/defaults.ts'

/** The command that makes the same again, with every option that changes what is made and is not the default. */
export async function madeBy(store: ArtifactStore, plan: Plan, type: 'generate' | 'train'): Promise<string> {
  const { name, seed, base, count, pairs, quant, round, whileGatesFail, teacher: { kind: teacher, model } } = plan
  const { family, schema } = loadSchema({ name, file: `schemas/${name}.yaml`, text: await store.readText(plan.schema) })
  const options: TrainOptions = { num: count, base, teacher, seed, ...(teacher === 'anthropic' && { model }), ...(type === 'train' && { pairs, quant }), ...(round && !whileGatesFail && { rounds: round }) }
  const usual: TrainOptions = { ...usualOptions, num: countBriefs(family, schema, { base, teacher }), model: defaultTeacherModel }
  const given = Object.fromEntries(Object.entries(options).filter(([option, value]) => value !== usual[option as keyof TrainOptions]))
  return ['npx clitron', type, name, typedOptions(given)].filter(Boolean).join(' ')
}
