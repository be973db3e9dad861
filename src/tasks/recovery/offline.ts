import { createHash } from 'node:crypto'
import type { Row } from '../../dataset/row.ts'
import { Random } from '../../teacher/random.ts'
import type { Brief } from '../family.ts'
import type { Json } from '../tools/json.ts'
import { writeOffline as writeCall } from '../tools/offline.ts'
import { findTool } from '../tools/schema.ts'
import type { Correction } from './answer.ts'
import { commandVariations, contextVariations } from './augment/index.ts'
import { contextValue, fieldOf, withField } from './context.ts'
import { copiedValues } from './copied-values.ts'
import { makeField, withSome } from './make-context.ts'
import { writeRecovery } from './offline-recovery.ts'
import { findCause, type CommandTool, type RecoverySchema, type WordedTool } from './schema.ts'

/** Some briefs ask for a variation that few of their commands have. */
const mostAttempts = 12

/**
 * Writes the row of a brief, with no network and no model: requests in the schema's own words, failures by the error simulations, both varied
 * as the brief says. It depends on the brief's key and slice and on the seed alone. Where a variation fits no row, the row tells so in its slice.
 */
export function writeOffline(schema: RecoverySchema, brief: Brief, seed: number): Row {
  const { augmentation = 'none', task } = brief.slice
  const vary = { ...commandVariations, ...contextVariations }[augmentation]
  const written = (attempt: number): Row => (task === 'recovery' ? writeRecovery(schema, findCause(schema, brief.slice.about!)!, `${brief.key}/${seed}/${attempt}`) : writeCommand(schema, { ...brief, key: attempt === 0 ? brief.key : `${brief.key}/${attempt}` }, seed))
  for (let attempt = 0; vary && attempt < mostAttempts; attempt++) {
    const row = vary(schema, written(attempt), new Random(`${brief.key}/${seed}/${attempt}/${augmentation}`))
    if (row) return finished(row, brief, augmentation)
  }
  return finished(written(0), brief, vary ? (task === 'recovery' ? findCause(schema, brief.slice.about!)!.simulation : 'none') : augmentation)
}

function finished(row: Row, { key, slice: { task, about, case: kind, phrasing } }: Brief, augmentation: string): Row {
  return { ...row, id: key.slice(0, 16), slice: { task: task!, about: about!, case: kind!, augmentation, phrasing: phrasing! }, source: 'offline' }
}

/** A request as kind `tools` writes it; what the words leave to the context stands there. */
function writeCommand(schema: RecoverySchema, brief: Brief, seed: number): Row {
  const r = new Random(`${brief.key}/${seed}/context`)
  const { about = '', wording, ...slice } = brief.slice
  const positive = wording !== undefined
  const row = writeCall(positive ? schema.wordings : schema.commands, { ...brief, slice: { ...slice, tool: wording ?? about } }, seed)
  if (!positive) return { ...row, context: contextBeside(schema, slice.case === 'missing_required' ? fieldsNot(schema, requiredOf(schema, about)) : harmless(schema), null, r) }
  const { command, intent } = findTool(schema.wordings, wording) as WordedTool
  const call = JSON.parse(row.output) as { parameters: Record<string, Json> }
  const { context, parameters } = inContext(schema, command, call.parameters, r)
  const output = JSON.stringify({ command: { command_type: command, intent, parameters } })
  const unsaid = Object.values((findTool(schema.commands, command) as CommandTool).fromContext)
  // Without a value of its own, one request would hold all there is to say of a status: each wording of it counts as one.
  const lineage = copiedValues(schema, { ...row, context, output }).length > 0 ? `${row.intent}/${intent}` : `${row.intent}/${intent}/${brief.key}`
  return { ...row, intent: createHash('sha256').update(lineage).digest('hex').slice(0, 16), context: contextBeside(schema, Object.keys(schema.contexts).filter((field) => !unsaid.includes(field)), context, r), output }
}

/** Values that the context tells put in their places, and the context that tells them. */
function inContext(schema: RecoverySchema, command: string, said: Correction['parameters'], r: Random): { context: Row['context']; parameters: Correction['parameters'] } {
  let context: Row['context'] = null
  const parameters = { ...said }
  for (const [name, value] of Object.entries(said)) {
    const field = Object.keys(schema.contexts).find((each) => contextValue(each) === value)
    if (field === undefined) continue
    const there = fieldOf(context, field) ?? makeField(schema, field, r.split(field))
    context = withField(context, field, there)
    parameters[name] = there
  }
  const tool = findTool(schema.commands, command) as CommandTool
  for (const [name, field] of Object.entries(tool.fromContext)) {
    if (!r.chance(0.45)) continue
    const there = makeField(schema, field, r.split(field))
    context = withField(context, field, there)
    if (!Object.hasOwn(said, name) && there !== tool.parameters.find((each) => each.name === name)!.node.default) parameters[name] = there
  }
  return { context, parameters }
}

/** Now and then there is more in the context than the request is about. */
const contextBeside = (schema: RecoverySchema, fields: readonly string[], context: Row['context'], r: Random): Row['context'] => (r.chance(0.3) ? withSome(schema, context, fields, r) : context)

/** Fields that answer for none of these parameters. */
const fieldsNot = ({ contexts }: RecoverySchema, parameters: readonly string[]): string[] => Object.entries(contexts).flatMap(([field, { fills }]) => (fills.some((name) => parameters.includes(name)) ? [] : [field]))

/** Fields that answer for no parameter at all. */
const harmless = ({ contexts }: RecoverySchema): string[] => Object.entries(contexts).flatMap(([field, { fills }]) => (fills.length ? [] : [field]))

const requiredOf = ({ commands }: RecoverySchema, command: string): string[] => findTool(commands, command)?.parameters.flatMap(({ name, required }) => (required ? [name] : [])) ?? []
