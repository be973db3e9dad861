import { z } from 'zod'
import { InputError } from '../errors.ts'
import { TrainInput } from '../plan.ts'
import type { Space } from './trials.ts'

/** The JSON a search is started with: that of a train, with what is varied where the schema does not say it. */
export const SearchInput = TrainInput.extend({
  vary: z.record(z.string(), z.array(z.union([z.number(), z.string()])).min(1, 'at least one value; a search over nothing finds nothing')).optional(),
  /** At most so many trials. */
  trials: z.int().min(1).max(1000).optional(),
})
export type SearchInput = z.infer<typeof SearchInput>

export const usualTrials = 27
const mostCombinations = 10_000

/**
 * What a person varies: `training.batch_size=32,48` and so on, one value to settle a key.
 * @throws InputError
 */
export function readVary(given: readonly string[]): Space {
  const space: Record<string, (number | string)[]> = {}
  for (const text of given) {
    const [, path, values] = /^([a-z][\w.]*)=(.+)$/i.exec(text) ?? []
    const list = values?.split(',').map((value) => value.trim()).filter(Boolean) ?? []
    if (!path || list.length === 0) throw new InputError(`Expected --vary as KEY=VALUE,VALUE with a key of training/configs, such as training.batch_size=32,48; found ${JSON.stringify(text.slice(0, 80))}.`)
    if (space[path]) throw new InputError(`--vary names ${path} twice; give all its values at once: ${path}=VALUE,VALUE.`)
    space[path] = list.map((value) => (Number.isFinite(Number(value)) ? Number(value) : value))
  }
  checkSize(space)
  return space
}

/** @throws InputError for a space that nobody could walk through */
export function checkSize(space: Space): void {
  const combinations = Object.values(space).reduce((product, values) => product * values.length, 1)
  if (combinations > mostCombinations) throw new InputError(`Expected at most ${mostCombinations.toLocaleString('en')} combinations to choose trials from, found ${combinations.toLocaleString('en')}; vary fewer keys at once.`)
}
