import type { Row } from '../../dataset/row.ts'
import { shown } from '../../text.ts'
import { same } from '../tools/json.ts'
import { findTool } from '../tools/schema.ts'
import { invented } from '../tools/doubts.ts'
import { normalise, quiet } from '../normalise.ts'
import { callOf, checkAnswer, isCommand, isRecovery, readAnswer, type Correction, type RecoveryStep } from './answer.ts'
import { failedCommand, fieldsOf } from './context.ts'
import { findCause, type CommandTool, type KnownCause, type RecoverySchema, type StepTool } from './schema.ts'
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

/**
 * Carries out a command in the system as its row tells of it: what the request names is there, and what the state of the context names; a
 * parameter that nobody says may come from the field of the context that answers for it. Why it fails; undefined when it runs. What only a
 * real system knows (who may do it, how full the disk is) stands in no row, and is not asked.
 */
export function whyNotRun(schema: RecoverySchema, command: Correction, { instruction, context }: Pick<Row, 'instruction' | 'context'>): string | undefined {
  const failed = failedCommand(context)
  if (failed && failed.command_type === command.command_type && same(failed.parameters, command.parameters)) return `${shown(command.command_type)} has just failed, and nothing was done about it`
  const tool = findTool(schema.commands, command.command_type) as CommandTool
  const there = (name: string) => fieldsOf(schema, context).filter(([field]) => field.startsWith('state.') || schema.contexts[field]!.fills.includes(name) || tool.fromContext[name] === field).map(([, value]) => String(value))
  const unknown = invented(schema.commands, callOf(command), said(instruction)).find(({ name, value }) => !there(name).includes(String(value)))
  return unknown && `${shown(command.command_type)} finds no ${unknown.name} ${shown(unknown.value)}: neither the request nor the state names it`
}

/** The request's own words, as they are read. */
const said = (instruction: string) => quiet(normalise(instruction))

/** The dry run of any row: a command is carried out, a recovery helps, a question back asks. */
export function dryRun(schema: RecoverySchema, row: Row): string | undefined {
  const { answer, problems } = readAnswer(row.output)
  const [problem] = answer ? checkAnswer(schema, answer) : problems
  if (problem) return problem.message
  if (!answer) return undefined
  // People imply values in hand-written test sets.
  if (isCommand(answer)) return row.part === undefined ? whyNotRun(schema, answer.command, row) : undefined
  if (!isRecovery(answer)) return undefined
  const { root_cause, correction, recovery_steps } = answer.recovery
  return whyNotRecovered(schema, { failed: failedCommand(row.context), cause: findCause(schema, root_cause)!, correction, steps: recovery_steps })
}
