import { InputError } from '../errors.ts'
import { didYouMean, shown } from '../text.ts'

/**
 * Refuses what is no file type of this llama.cpp, before minutes are spent on a model that cannot be written.
 * @throws InputError, with the nearest type
 */
export async function checkQuant(quant: string): Promise<void> {
  const { GgufFileType } = await import('node-llama-cpp')
  const types = Object.keys(GgufFileType).filter((key) => Number.isNaN(Number(key))).map((key) => key.replace(/^(MOSTLY|ALL)_/, '').toLowerCase())
  if (types.includes(quant.toLowerCase())) return
  const bare = (text: string) => text.toLowerCase().replace(/[-_.]/g, '')
  const meant = types.find((type) => bare(type) === bare(quant))
  throw new InputError(`A quantization (--quant) is a llama.cpp type such as q4_k_m, q5_k_m, q8_0 or f16; found ${shown(quant)}${didYouMean(meant ?? quant.toLowerCase(), types) || '.'}`)
}
