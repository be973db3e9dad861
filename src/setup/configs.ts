import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'
import { InputError } from '../errors.ts'
import { readGateBounds } from '../evaluation/gates.ts'
import { packageRoot } from '../paths.ts'
import type { Plan } from '../plan.ts'
import { checkKeys, type ConfigFile } from './config-keys.ts'

/**
 * The folder's own training/configs win over the package's. The scratch model has one file with a section for each stage.
 * @throws InputError with the file's name when it cannot be read, or has a key that no trainer reads
 */
export async function readConfigs(base: string): Promise<Plan['configs']> {
  const gates = readGateBounds(await read('eval_config.yaml'))
  if (base === 'scratch') {
    const { sft, dpo } = await readChecked('scratch_config.yaml')
    return { sft, dpo, gates }
  }
  return { sft: await readChecked('sft_config.yaml'), dpo: await readChecked('dpo_config.yaml'), gates }
}

/** As it stands in the file: a number that was turned into another form would make every stage anew. */
async function readChecked(file: ConfigFile): Promise<Record<string, any>> {
  const document = await read(file)
  checkKeys(file, document)
  return document as Record<string, any>
}

async function read(file: string): Promise<unknown> {
  const own = join(process.cwd(), 'training', 'configs', file)
  const path = existsSync(own) ? own : join(packageRoot, 'training', 'configs', file)
  try {
    return parse(await readFile(path, 'utf8'), { maxAliasCount: 0 })
  } catch (error) {
    throw new InputError(`training/configs/${file}: ${(error as Error).message}`)
  }
}
