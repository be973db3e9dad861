import type { Plan, PlannedPhase } from '../plan.ts'
import type { TaskFamily } from '../tasks/family.ts'

type Config = Plan['configs']['sft']

/** What a configuration measures the length of a training in: for models from scratch, and for downloaded ones. */
const lengths = ['steps', 'num_train_epochs', 'max_steps']

/** The family's phases with their configurations: each has its share of the steps (or epochs) and its own rates. The whole is as long as without phases. */
export function plannedPhases(family: TaskFamily, schema: unknown, base: string, sft: Config): PlannedPhase[] {
  const phases = family.phases?.(schema) ?? []
  const whole = phases.reduce((sum, { share }) => sum + share, 0)
  if (phases.length > 0 && Math.abs(whole - 1) > 1e-6) throw new Error(`the shares of the phases of ${family.kind} add up to ${whole}`)
  return phases.map(({ name, title, share, scratch, downloaded }) => ({ name, title, config: { ...sft, training: { ...trainingOf(sft), ...part(sft, share), ...(base === 'scratch' ? scratch : downloaded) } } }))
}

const trainingOf = (config: Config) => (config.training ?? {}) as Record<string, unknown>

function part(config: Config, share: number): Record<string, number> {
  return Object.fromEntries(lengths.flatMap((key) => {
    const whole = Number(trainingOf(config)[key])
    // -1: as many steps as the epochs have.
    if (!(whole > 0)) return []
    return [[key, key === 'num_train_epochs' ? whole * share : Math.max(1, Math.round(whole * share))]]
  }))
}
