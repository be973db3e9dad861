import type { Plan, PlannedPhase } from '../plan.ts'
import type { TaskFamily } from '../tasks/family.ts'

type Config = Plan['configs']['sft']

/** What a configuration measures the length of a training in: for models from scratch, and for downloaded ones. */
const lengths = ['steps', 'num_train_epochs', 'max_steps']

/**
 * Divides a training among the family's phases: each has its share of the steps (or epochs) and its own rates, what is left is
 * trained on all rows. The whole is as long as without phases.
 */
export function dividedAmongPhases(family: TaskFamily, schema: unknown, base: string, sft: Config): { phases: PlannedPhase[]; sft: Config } {
  const phases = family.phases?.(schema) ?? []
  if (phases.length === 0) return { phases: [], sft }
  const left = 1 - phases.reduce((sum, { share }) => sum + share, 0)
  if (left <= 0) throw new Error(`the phases of ${family.kind} leave nothing for the training on all rows`)
  return {
    phases: phases.map(({ name, title, share, scratch, downloaded }) => ({ name, title, config: withTraining(sft, { ...part(sft, share), ...(base === 'scratch' ? scratch : downloaded) }) })),
    sft: withTraining(sft, part(sft, left)),
  }
}

const trainingOf = (config: Config) => (config.training ?? {}) as Record<string, unknown>
const withTraining = (config: Config, changed: Record<string, unknown>): Config => ({ ...config, training: { ...trainingOf(config), ...changed } })

function part(config: Config, share: number): Record<string, number> {
  return Object.fromEntries(lengths.flatMap((key) => {
    const whole = Number(trainingOf(config)[key])
    // -1: as many steps as the epochs have.
    if (!(whole > 0)) return []
    return [[key, key === 'num_train_epochs' ? whole * share : Math.max(1, Math.round(whole * share))]]
  }))
}
