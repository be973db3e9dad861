import { z } from 'zod'
import { didYouMean, shown } from '../../text.ts'
import { same } from '../tools/json.ts'
import { findTool } from '../tools/schema.ts'
import { whyNotRecovered, type Recovery } from './dry-run.ts'
import type { Path, Report } from './parse.ts'
import type { RecoverySchema, RecoveryYaml, StepTool } from './schema.ts'
import { placeOf } from './template.ts'

const Names = z.array(z.string()).min(1)

interface Check {
  parameters: z.ZodType
  /** Does the recovery keep it? */
  keeps(schema: RecoverySchema, recovery: Recovery, parameters: any): boolean
}

function define<T extends z.ZodRawShape>(shape: T, keeps: (schema: RecoverySchema, recovery: Recovery, parameters: z.output<z.ZodObject<T>>) => boolean): Check {
  return { parameters: z.strictObject({ is: z.string(), ...shape }), keeps }
}

const stepOf = ({ steps }: RecoverySchema, name: string) => findTool(steps, name) as StepTool | undefined

/** The checks that an expert rule of the YAML can name. */
export const ruleChecks: Record<string, Check> = {
  ends_with: define({ steps: Names }, (_schema, { steps }, { steps: last }) => last.includes(steps.at(-1)?.step ?? '')),
  never_alone: define({ steps: Names }, (_schema, { steps }, { steps: never }) => steps.length !== 1 || !never.includes(steps[0]!.step)),
  preceded_by: define({ step: z.string(), by: z.string() }, (_schema, { steps, cause }, { step, by }) => {
    const names = steps.map((each) => each.step)
    return cause.lacks.length === 0 || !names.includes(step) || !names.includes(by) || names.indexOf(by) < names.indexOf(step)
  }),
  /** The failed command runs again only unchanged, a correction only where it is another command. */
  runs_what_fits: define({}, (schema, { failed, correction, steps }) =>
    !failed || steps.every(({ step }) => {
      const { runs } = stepOf(schema, step) ?? {}
      const unchanged = correction !== null && correction.command_type === failed.command_type && same(correction.parameters, failed.parameters)
      return runs === undefined || (runs === 'failed_command') === unchanged
    })),
  /** Without a correction somebody is told. */
  hands_over: define({}, (schema, { correction, steps }) => correction !== null || steps.some(({ step }) => stepOf(schema, step)?.ends)),
  /** The command can fail by this cause. */
  fails_there: define({}, (_schema, { failed, cause }) => !failed || cause.at.some((at) => placeOf(at).command === failed.command_type)),
  /** The steps make what the command lacked. */
  helps: define({}, (schema, recovery) => whyNotRecovered(schema, recovery) === undefined),
}

/** The share of the expert rules that a recovery keeps, and the first that it breaks. */
export function judged(schema: RecoverySchema, recovery: Recovery): { kept: number; broken: string | undefined } {
  const broken = schema.expert_rules.filter(({ check }) => !ruleChecks[check.is as string]!.keeps(schema, recovery, check))
  return { kept: 1 - broken.length / schema.expert_rules.length, broken: broken[0] && `rule ${broken[0].rule} (${broken[0].text})` }
}

/** Reads the rules' checks: unknown ones and wrong parameters are reported with their place. */
export function checkRules({ steps }: RecoverySchema, { expert_rules }: RecoveryYaml, report: Report): void {
  const known = Object.keys(ruleChecks)
  expert_rules.forEach(({ check }, i) => {
    const path: Path = ['expert_rules', i, 'check']
    const name = String(check.is ?? '')
    if (!Object.hasOwn(ruleChecks, name)) return report(path, `expected "is" to name a check (${known.join(', ')}), found ${shown(check.is)}${didYouMean(name, known) || '; choose one of them.'}`)
    const read = ruleChecks[name]!.parameters.safeParse(check)
    if (!read.success) return report(path, `expected the parameters of ${shown(name)}, found a mistake in ${shown(read.error.issues[0]!.path.join('.') || 'the check')} (${read.error.issues[0]!.message}); mend it.`)
    const { steps: several = [], step, by } = read.data as { steps?: string[]; step?: string; by?: string }
    for (const each of [...several, ...(step === undefined ? [] : [step]), ...(by === undefined ? [] : [by])]) {
      if (!findTool(steps, each)) report(path, `expected a recovery step, found ${shown(each)}${didYouMean(each, steps.tools.map((tool) => tool.name)) || '; declare it.'}`)
    }
  })
}
