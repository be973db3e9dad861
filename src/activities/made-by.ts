import type { Plan } from '../plan.ts'
import type { ArtifactStore } from '../store/artifacts.ts'
import { loadSchema } from '../tasks/index.ts'
import { countBriefs } from '../teacher/briefs.ts'
import { defaultTeacherModel } from '../teacher/defaults.ts'

/** The command that makes the same again, with every option that changes what is made and is not the default. */
export async function madeBy(store: ArtifactStore, plan: Plan, type: 'generate' | 'train'): Promise<string> {
  const { name, seed, base, teacher } = plan
  const { family, schema } = loadSchema({ name, file: `schemas/${name}.yaml`, text: await store.readText(plan.schema) })
  const usual = countBriefs(family, schema, { base, teacher: teacher.kind })
  const options: [name: string, value: string | number, unless: string | number][] = [
    ['num', plan.count, usual], ['base', base, 'scratch'], ['teacher', teacher.kind, 'offline'], ['seed', seed, 1],
    ...(teacher.kind === 'anthropic' ? [['model', teacher.model, defaultTeacherModel] as [string, string, string]] : []),
    ...(type === 'train' ? [['pairs', plan.pairs, 1000], ['quant', plan.quant, 'q4_k_m']] as [string, string | number, string | number][] : []),
  ]
  const given = options.filter(([, value, unless]) => value !== unless).map(([option, value]) => ` --${option} ${/^[\w./:-]+$/.test(String(value)) ? value : `'${String(value).replaceAll("'", `'\\''`)}'`}`)
  return `npx clitron ${type} ${name}${given.join('')}`
}
