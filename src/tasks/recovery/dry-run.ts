import type { Row } from '../../dataset/row.ts'
import { shown } from '../../text.ts'
import { same } from '../tools/json.ts'
import { findTool } from '../tools/schema.ts'
import { checkAnswer, isCommand, isRecovery, readAnswer, type Correction, type RecoveryStep } from './answer.ts'
import { failedCommand } from './context.ts'
import { findCause, type KnownCause, type RecoverySchema, type StepTool } from './schema.ts'
import { placeOf } from './template.ts'

/** What stands in a command's way. */
interface World {
  lacked: Set<string>
  /** Parameters of which one has a wrong value, with what they had when the command failed (undefined: it was not there). */
  wrong: Correction['parameters'] | undefined
  about: string[]
}

/** A system in which the command fails by this cause: it lacks what the cause says, or else a value that the cause is about is wrong. */
function worldOf({ at, lacks, corruption }: KnownCause, failed: Correction | undefined): World {
  const about = at.map(placeOf).flatMap(({ command, parameter }) => (failed && command === failed.command_type && parameter !== undefined && (corruption === 'missing') !== Object.hasOwn(failed.parameters, parameter) ? [parameter] : []))
  return { lacked: new Set(lacks), wrong: failed?.parameters, about: lacks.length === 0 ? about : [] }
}

/** Why a command fails in this world; undefined when it succeeds. */
function whyFails({ lacked, wrong = {}, about }: World, { command_type, parameters }: Correction): string | undefined {
  const [first] = lacked
  if (first !== undefined) return `${shown(command_type)} still lacks ${first.replaceAll('_', ' ')}`
  if (about.length === 0 || about.some((name) => !same(parameters[name], wrong[name]))) return undefined
  return `${shown(command_type)} still has ${about.map((name) => `${name} ${Object.hasOwn(wrong, name) ? shown(wrong[name]) : 'missing'}`).join(', ')}`
}

export interface Recovery {
  failed: Correction | undefined
  cause: KnownCause
  correction: Correction | null
  steps: readonly RecoveryStep[]
}

/** Carries out a recovery in a made-up system in which its command failed; no network, no files. Why it does not help; undefined when it does. */
export function whyNotRecovered({ steps: known }: RecoverySchema, { failed, cause, correction, steps }: Recovery): string | undefined {
  const world = worldOf(cause, failed)
  for (const { step: name } of steps) {
    const step = findTool(known, name) as StepTool | undefined
    if (!step) return `${shown(name)} is no recovery step`
    for (const made of step.makes) world.lacked.delete(made)
    if (step.runs) {
      const command = step.runs === 'correction' ? correction : (failed ?? correction)
      return command ? whyFails(world, command) : `${shown(name)} has nothing to run`
    }
    if (step.ends) return undefined
  }
  return 'no step runs a command or hands over to a person'
}

/** The dry run of any row: a command is carried out, a recovery helps, a question back asks. */
export function dryRun(schema: RecoverySchema, row: Row): string | undefined {
  const { answer, problems } = readAnswer(row.output)
  const [problem] = answer ? checkAnswer(schema, answer) : problems
  if (problem) return problem.message
  if (!answer || isCommand(answer) || !isRecovery(answer)) return undefined
  const { root_cause, correction, recovery_steps } = answer.recovery
  return whyNotRecovered(schema, { failed: failedCommand(row.context), cause: findCause(schema, root_cause)!, correction, steps: recovery_steps })
}
