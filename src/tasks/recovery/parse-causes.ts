import { shown } from '../../text.ts'
import type { Scalar } from '../tools/json.ts'
import { askable, findTool } from '../tools/schema.ts'
import { whyNotRecovered } from './dry-run.ts'
import { pointsTo, type Path, type Report } from './parse.ts'
import { findCause, type KnownCause, type RecoverySchema, type RecoveryYaml } from './schema.ts'
import { ownSlots, placeOf, slotsOf } from './template.ts'

/** What zod cannot see of errors: names that point nowhere, slots that nothing fills, steps that do not help. */
export function checkCauses(schema: RecoverySchema, { errors, categories, severities, message_frames }: RecoveryYaml, report: Report): void {
  message_frames.forEach((frame, i) => {
    if (!frame.includes('{message}')) report(['message_frames', i], `expected a frame around {message}, found ${shown(frame)}; add it.`)
  })
  errors.forEach(({ category, severity, causes }, i) => {
    pointsTo(category, categories, 'a declared category', ['errors', i, 'category'], report)
    pointsTo(severity, severities, 'a declared severity', ['errors', i, 'severity'], report)
    causes.forEach(({ root_cause }, j) => checkCause(schema, findCause(schema, root_cause)!, ['errors', i, 'causes', j], report))
  })
}

function checkCause(schema: RecoverySchema, cause: KnownCause, at: Path, report: Report): void {
  let whole = true
  const tell: Report = (path, message) => {
    whole = false
    report(path, message)
  }
  cause.at.forEach((place, i) => checkPlace(schema, place, [...at, 'at', i], tell))
  if ((cause.simulation === 'parameter_corruption') !== (cause.corruption !== undefined)) tell([...at, 'simulation'], `expected "corruption" with parameter_corruption and only with it, found ${cause.corruption ? `it with ${cause.simulation}` : 'none'}; change one of the two.`)
  const slots = cause.slots.map(({ name }) => name)
  const known = [...ownSlots, ...slots]
  const template = (text: Scalar, path: Path) => {
    for (const slot of typeof text === 'string' ? slotsOf(text) : []) pointsTo(slot, known, 'a slot of the cause', path, tell)
  }
  cause.messages.forEach((message, i) => template(message, [...at, 'messages', i]))
  for (const [slot, other] of Object.entries(cause.above)) pointsTo(other, known, 'another slot', [...at, 'slots', slot, 'above'], tell)
  for (const key of ['when', 'unless'] as const) for (const field of Object.keys(cause[key])) pointsTo(field, Object.keys(schema.contexts), 'a field of the context', [...at, key, field], tell)
  for (const [i, field] of cause.needs.entries()) if (!field.includes('{')) pointsTo(field, Object.keys(schema.contexts), 'a field of the context', [...at, 'needs', i], tell)
  checkCorrection(schema, cause, at, template, tell)
  cause.steps.forEach(({ step, parameters }, i) => {
    const path = [...at, 'steps', i]
    pointsTo(step, schema.steps.tools.map(({ name }) => name), 'a recovery step', path, tell)
    const tool = findTool(schema.steps, step)
    for (const [name, value] of Object.entries(parameters)) {
      if (tool) pointsTo(name, tool.parameters.map((each) => each.name), `a parameter of ${shown(step)}`, path, tell)
      template(value, path)
    }
    const missing = tool && askable(tool).find(({ name }) => !Object.hasOwn(parameters, name))
    if (missing) tell(path, `expected ${shown(missing.name)}, which ${shown(step)} requires, found none; add it.`)
  })
  if (whole) checkHelp(schema, cause, at, report)
}

function checkPlace({ commands }: RecoverySchema, place: string, path: Path, report: Report): void {
  const { command, parameter } = placeOf(place)
  pointsTo(command, commands.tools.map(({ name }) => name), 'a command', path, report)
  const tool = findTool(commands, command)
  if (tool && parameter !== undefined) pointsTo(parameter, tool.parameters.map(({ name }) => name), `a parameter of ${shown(command)}`, path, report)
}

function checkCorrection({ commands }: RecoverySchema, { correction, at: places }: KnownCause, at: Path, template: (text: Scalar, path: Path) => void, report: Report): void {
  if (typeof correction === 'string') return
  const path = [...at, 'correction']
  const values = 'set' in correction ? correction.set : correction.parameters
  for (const value of [...Object.keys(values), ...Object.values(values)]) template(value, path)
  if ('command_type' in correction) pointsTo(correction.command_type, commands.tools.map(({ name }) => name), 'a command', path, report)
  const tools = 'set' in correction ? places.map((place) => placeOf(place).command) : [correction.command_type]
  for (const tool of tools.flatMap((name) => findTool(commands, name) ?? [])) {
    for (const name of Object.keys(values)) if (!name.includes('{')) pointsTo(name, tool.parameters.map((each) => each.name), `a parameter of ${shown(tool.name)}`, path, report)
  }
}

/** Would the steps help a command that fails by this cause? The same dry run as for rows, with values of no meaning. */
function checkHelp(schema: RecoverySchema, cause: KnownCause, at: Path, report: Report): void {
  const { command, parameter } = placeOf(cause.at[0]!)
  const failed = { command_type: command, parameters: parameter === undefined || cause.corruption === 'missing' ? {} : { [parameter]: 'wrong' } }
  const { correction } = cause
  const corrected = correction === 'none' ? null : correction === 'same' ? failed : 'set' in correction ? { ...failed, parameters: { [parameter ?? '']: 'right' } } : { command_type: correction.command_type, parameters: {} }
  const why = whyNotRecovered(schema, { failed, cause, correction: corrected, steps: cause.steps })
  if (why !== undefined) report([...at, 'steps'], `expected steps that help with ${shown(cause.root_cause)}, found that ${why}; add a step that makes it, or say under "lacks" what is lacking.`)
}
