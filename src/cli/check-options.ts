import { InputError } from '../errors.ts'
import { TrainOptions } from '../plan.ts'

/**
 * The options of a train among those of a command, each within its bounds: what one command refuses, the others do not promise.
 * @throws InputError
 */
export function checkOptions(given: TrainOptions): TrainOptions {
  const known = Object.keys(TrainOptions.shape) as (keyof TrainOptions)[]
  const options = TrainOptions.safeParse(Object.fromEntries(known.map((key) => [key, given[key]]).filter(([, value]) => value !== undefined)))
  if (!options.success) throw new InputError(options.error.issues.map((issue) => `--${issue.path.join('.')}: ${issue.message}`).join('; '))
  return options.data
}
