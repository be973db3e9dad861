import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { InputError } from '../errors.ts'
import { readGateBounds } from '../evaluation/gates.ts'
import { packageRoot } from '../paths.ts'
import type { Plan } from '../plan.ts'
import { checkKeys, type ConfigFile } from './config-keys.ts'

const files = ['sft_config.yaml', 'dpo_config.yaml', 'scratch_config.yaml', 'eval_config.yaml'] as const

/** The text of each configuration file, as a caller sends them to a worker that stands elsewhere. */
const ConfigTexts = z.record(z.enum(files), z.string())
type ConfigTexts = z.infer<typeof ConfigTexts>

/** The folder's own training/configs win over the package's. @throws InputError with the file's name when it cannot be read */
export async function configTexts(): Promise<ConfigTexts> {
  return Object.fromEntries(await Promise.all(files.map(async (file) => [file, await textOf(file)]))) as ConfigTexts
}

/** @throws InputError for what no caller has sent */
export function sentConfigs(text: string): ConfigTexts {
  const { data } = ConfigTexts.safeParse(JSON.parse(text))
  if (!data) throw new InputError(`"configs" is not what \`clitron train\` sends: leave it out, and the worker reads its own training/configs.`)
  return data
}

/**
 * What a run with this base is configured with. The scratch model has one file with a section for each stage.
 * @param rowLength how many times as long as a request of one sentence a row is (TaskFamily.rowLength)
 * @throws InputError with the file's name when it cannot be read, or has a key that no trainer reads
 */
export async function readConfigs(base: string, texts?: ConfigTexts, rowLength = 1): Promise<Plan['configs']> {
  const all = texts ?? (await configTexts())
  const gates = readGateBounds(read(all, 'eval_config.yaml'))
  if (base === 'scratch') {
    const { sft, dpo } = readChecked(all, 'scratch_config.yaml')
    return { sft: withBatchFor(rowLength, sft), dpo, gates }
  }
  return { sft: readChecked(all, 'sft_config.yaml'), dpo: readChecked(all, 'dpo_config.yaml'), gates }
}

/** A step of the model from scratch reads about as much whatever the length of the rows: of long ones it takes fewer at a time. */
function withBatchFor(rowLength: number, sft: Record<string, any>): Record<string, any> {
  const size = sft.training?.batch_size
  return rowLength === 1 || typeof size !== 'number' ? sft : { ...sft, training: { ...sft.training, batch_size: Math.max(1, Math.round(size / rowLength)) } }
}

/** As it stands in the file: a number that was turned into another form would make every stage anew. */
function readChecked(texts: ConfigTexts, file: ConfigFile): Record<string, any> {
  const document = read(texts, file)
  checkKeys(file, document)
  return document as Record<string, any>
}

function read(texts: ConfigTexts, file: keyof ConfigTexts): unknown {
  try {
    return parse(texts[file], { maxAliasCount: 0 })
  } catch (error) {
    throw new InputError(`training/configs/${file}: ${(error as Error).message}`)
  }
}

async function textOf(file: string): Promise<string> {
  const own = join(process.cwd(), 'training', 'configs', file)
  return readFile(existsSync(own) ? own : join(packageRoot, 'training', 'configs', file), 'utf8').catch((error: Error) => {
    throw new InputError(`training/configs/${file}: ${error.message}`)
  })
}
