import { InputError } from '../errors.ts'
import type { Plan, PlannedPhase } from '../plan.ts'
import { checkSize, usualTrials } from '../search/input.ts'
import { planTrials, type Setting, type Space, type Trial } from '../search/trials.ts'
import { plannedPhases } from '../setup/phases.ts'
import { withSettings } from '../setup/settings.ts'
import { ArtifactStore } from '../store/artifacts.ts'
import { loadSchema } from '../tasks/index.ts'
import { activity } from './stage.ts'

/** A trial with the whole configuration that it trains by. */
export interface PlannedTrial extends Trial {
  config: Plan['configs']['sft']
  phases: PlannedPhase[]
}

/** A model from scratch measures itself so many times, so that a hopeless one is found out early; a downloaded one does so after every epoch. */
const measures = 8

/** Lays out the trials of a search: what the caller varies, or else what the schema says. */
export async function planSearch(plan: Plan, { vary, trials = usualTrials }: { vary?: Space; trials?: number }): Promise<{ trials: PlannedTrial[]; facts: Record<string, unknown> }> {
  return activity('plan', async () => {
    const { family, schema } = loadSchema({ name: plan.name, file: `schemas/${plan.name}.yaml`, text: await new ArtifactStore().readText(plan.schema) })
    const space = vary ?? spaceOf(plan, family.searchSpace?.(schema))
    checkSize(space)
    const planned = planTrials(space, { most: trials, seed: plan.seed }).map((trial): PlannedTrial => {
      const config = configured(plan, trial.setting)
      return { ...trial, config, phases: plannedPhases(family, schema, plan.base, config) }
    })
    return { trials: planned, facts: { trials: planned.length, varied: Object.entries(space).filter(([, values]) => values.length > 1).map(([key]) => key).join(', ') } }
  })
}

function spaceOf({ name, base }: Plan, declared: { base: string; space: Space } | undefined): Space {
  const example = base === 'scratch' ? '--vary training.muon_learning_rate=0.005,0.01,0.02' : '--vary training.learning_rate=1e-5,2e-5,5e-5'
  if (!declared) throw new InputError(`schemas/${name}.yaml does not say what to search; say it: \`clitron search ${name} ${example}\`.`)
  if (declared.base !== base) throw new InputError(`The search of schemas/${name}.yaml is one for ${declared.base}, and this run's base is ${base}: \`clitron search ${name} --base ${declared.base}\`, or say what to vary: \`clitron search ${name} ${example}\`.`)
  return declared.space
}

function configured({ base, configs }: Plan, setting: Setting): Plan['configs']['sft'] {
  const config = withSettings(base, configs, setting)
  return base === 'scratch' ? measured(config as Record<string, Record<string, any>>) : config
}

function measured(config: Record<string, Record<string, any>>): Record<string, Record<string, any>> {
  const steps = Number(config.training?.steps ?? 0)
  const every = Math.max(1, Math.floor(steps / measures))
  return { ...config, logging: { ...config.logging, logging_steps: every, eval_steps: every } }
}
