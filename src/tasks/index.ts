import { InputError } from '../errors.ts'
import { cli } from './cli/index.ts'
import type { TaskFamily } from './family.ts'

/** All kinds of task, by the `kind:` of their YAML; a file without one is a CLI schema. */
export const families: Record<string, TaskFamily> = { cli }

/** @throws InputError naming the kinds there are. */
export function family(kind: string): TaskFamily {
  const found = families[kind]
  if (!found) throw new InputError(`There is no task kind ${JSON.stringify(kind)}; the kinds are ${Object.keys(families).join(', ')}.`)
  return found
}
