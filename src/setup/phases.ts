import type { Plan, PlannedCompanion, PlannedPhase } from '../plan.ts'
import type { Phase, TaskFamily } from '../tasks/family.ts'

type Config = Plan['configs']['sft']
type Training = Record<string, unknown>

/** The family's phases with their configurations: each has its share of the steps (or epochs) and its own rates. The whole is as long as without phases, unless the schema limits it. */
export function plannedPhases(family: TaskFamily, schema: unknown, base: string, sft: Config): PlannedPhase[] {
  return planned(family.phases?.(schema) ?? [], base, sft, family.mostSteps?.(schema))
}

/** The same of the model that is trained beside the first one; undefined where there is none. */
export function plannedCompanion(family: TaskFamily, schema: unknown, base: string, sft: Config): PlannedCompanion | undefined {
  const companion = family.companion?.(schema)
  return companion && { name: companion.name, title: companion.title, phases: planned(companion.phases, base, sft, family.mostSteps?.(schema)) }
}

function planned(phases: readonly Phase[], base: string, sft: Config, most: ReturnType<NonNullable<TaskFamily['mostSteps']>> | undefined): PlannedPhase[] {
  const whole = phases.reduce((sum, { share }) => sum + share, 0)
  if (phases.length > 0 && Math.abs(whole - 1) > 1e-6) throw new Error(`the shares of the phases ${phases.map(({ name }) => name).join(', ')} add up to ${whole}`)
  const training = limited(sectionOf(sft, 'training'), base === 'scratch', most)
  return phases.map(({ name, title, share, scratch, downloaded }) => {
    const config: Config = { ...sft, training: part(training, share) }
    for (const [section, keys] of Object.entries((base === 'scratch' ? scratch : downloaded) ?? {})) config[section] = { ...sectionOf(config, section), ...keys }
    return { name, title, config }
  })
}

const sectionOf = (config: Config, name: string) => (config[name] ?? {}) as Training

/** What a configuration measures the length of a training in: for models from scratch, and for downloaded ones. */
const lengths = ['steps', 'num_train_epochs', 'max_steps']

function limited(training: Training, scratch: boolean, most: { scratch: number; downloaded: number } | undefined): Training {
  if (!most) return training
  if (scratch) return { ...training, ...(Number(training.steps) > most.scratch && { steps: most.scratch }) }
  // -1: as many steps as the epochs have.
  return { ...training, max_steps: Number(training.max_steps) > 0 ? Math.min(Number(training.max_steps), most.downloaded) : most.downloaded }
}

function part(training: Training, share: number): Training {
  const own = lengths.flatMap((key) => {
    const whole = Number(training[key])
    if (!(whole > 0)) return []
    return [[key, key === 'num_train_epochs' ? whole * share : Math.max(1, Math.round(whole * share))]]
  })
  return { ...training, ...Object.fromEntries(own) }
}
