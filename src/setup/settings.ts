import { InputError } from '../errors.ts'
import type { Plan } from '../plan.ts'
import type { Setting } from '../search/trials.ts'
import type { TaskFamily } from '../tasks/family.ts'
import { checkKeys, type ConfigFile } from './config-keys.ts'

type Configs = Plan['configs']

/** The configuration of the fine-tuning with other values of some keys. @throws InputError for a key that no trainer reads, or a value of another kind */
export function withSettings(base: string, configs: Configs, setting: Setting): Configs['sft'] {
  const config = structuredClone(configs.sft) as Record<string, Record<string, any>>
  for (const [path, value] of Object.entries(setting)) {
    const [section, key, ...none] = path.split('.')
    if (!section || !key || none.length) throw new InputError(`Expected a key to vary as SECTION.KEY, such as training.batch_size; found ${JSON.stringify(path)}.`)
    config[section] = { ...config[section], [key]: value }
  }
  const file: ConfigFile = base === 'scratch' ? 'scratch_config.yaml' : 'sft_config.yaml'
  checkKeys(file, base === 'scratch' ? { sft: config, dpo: configs.dpo } : config)
  return config
}

/** What the schema settles for its base (one value, no list to choose from) stands in place of what the configuration files say. */
export function withDeclared(base: string, configs: Configs, declared: ReturnType<NonNullable<TaskFamily['searchSpace']>>): Configs {
  if (declared?.base !== base) return configs
  const settled = Object.entries(declared.space).flatMap(([path, [value, ...others]]) => (value === undefined || others.length > 0 ? [] : [[path, value] as const]))
  return { ...configs, sft: withSettings(base, configs, Object.fromEntries(settled)) }
}
