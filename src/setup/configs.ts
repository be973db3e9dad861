import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'
import { InputError } from '../errors.ts'
import { readGateBounds } from '../evaluation/gates.ts'
import { packageRoot } from '../paths.ts'
import type { Plan } from '../plan.ts'

/**
 * The folder's own training/configs win over the package's. The scratch model has one file with a section for each stage.
 * @throws InputError with the file's name when it cannot be read
 */
export async function readConfigs(base: string): Promise<Plan['configs']> {
  const read = async (file: string): Promise<Record<string, any>> => {
    const own = join(process.cwd(), 'training', 'configs', file)
    const path = existsSync(own) ? own : join(packageRoot, 'training', 'configs', file)
    try {
      return parse(await readFile(path, 'utf8'), { maxAliasCount: 0 })
    } catch (error) {
      throw new InputError(`training/configs/${file}: ${(error as Error).message}`)
    }
  }
  const gates = readGateBounds(await read('eval_config.yaml'))
  if (base !== 'scratch') return { sft: await read('sft_config.yaml'), dpo: await read('dpo_config.yaml'), gates }
  const { sft, dpo } = await read('scratch_config.yaml')
  if (!sft || !dpo) throw new InputError('training/configs/scratch_config.yaml: expected the sections "sft:" and "dpo:"; the package\'s own file shows them.')
  return { sft, dpo, gates }
}
