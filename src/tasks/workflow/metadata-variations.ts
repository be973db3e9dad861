import type { Row } from '../../dataset/row.ts'
import type { Random } from '../../teacher/random.ts'
import type { Variation, Variations } from '../augment/variation.ts'
import { placeOf } from '../claimed.ts'
import { readAnswer, variableIn, walk, type Step } from './document.ts'
import { metadataCase } from './foreign.ts'
import { channelValue, metadataFile } from './offline/values.ts'
import { findAction, type WorkflowSchema } from './schema.ts'
import { knownMetadata } from './user-text.ts'
import { stands, valuesIn, type Value } from './values.ts'

/** More or less metadata beside the same words. In another order it is the same row: a model reads it in the order of the language. */
export const metadataVariations: Variations<WorkflowSchema> = {
  metadata_added: { way: 'metadata', vary: added },
  metadata_removed: { way: 'metadata', vary: removed },
}

type Vary = Variation<WorkflowSchema>['vary']

/** A field that nobody named, with a value that the answer agrees with; undefined where it could stand in for what the answer leaves to the run. */
function added(schema: WorkflowSchema, row: Row, r: Random): ReturnType<Vary> {
  // Beside words that are no request it might make one of them.
  const steps = stepsOf(row)
  if (steps.length === 0) return undefined
  const there = new Map(knownMetadata(schema, row.context))
  const free = Object.keys(schema.metadata).filter((field) => !there.has(field) && !steps.some((step) => waitsFor(schema, step, field)))
  if (free.length === 0) return undefined
  const field = r.pick(free)
  const value = made(schema, field, there, steps, r)
  return value === undefined || row.instruction.includes(value) ? undefined : beside(schema, row, { ...row.context, [field]: value })
}

/** A field less, as long as the words and the other fields say all that the answer holds. */
function removed(schema: WorkflowSchema, row: Row, r: Random): ReturnType<Vary> {
  const { answer } = readAnswer(row.output)
  const values = answer?.workflow ? valuesIn(schema, answer.workflow) : []
  const there = knownMetadata(schema, row.context)
  const free = there.filter(([field, text]) => {
    const told = [row.instruction, ...there.flatMap(([other, value]) => (other === field ? [] : [value]))].join('\n')
    return !stepsOf(row).some((step) => isDecidedBy(schema, step, field, told)) && values.every((value) => !stands(value, text) || isToldIn(value, told))
  })
  if (free.length === 0) return undefined
  const [field] = r.pick(free)
  const { [field]: _, ...rest } = row.context!
  return beside(schema, row, rest)
}

/** A name of a letter or two stands within many words. */
const isToldIn = (value: Value, told: string): boolean => (typeof value.value === 'number' ? stands(value, told) : placeOf(told.toLowerCase(), value.value.toLowerCase()) >= 0)

function beside(schema: WorkflowSchema, row: Row, metadata: Record<string, unknown>): Row {
  const context = Object.keys(metadata).length > 0 ? metadata : null
  return { ...row, context, ...(row.slice?.metadata !== undefined && { slice: { ...row.slice, metadata: metadataCase(schema, context) } }) }
}

const stepsOf = ({ output }: Row): Step[] => [...walk(readAnswer(output).answer?.workflow?.steps ?? [])].map(({ step }) => step)

/** Would the field fill a parameter that stands open? */
const waitsFor = (schema: WorkflowSchema, { action, parameters }: Step, field: string): boolean =>
  (findAction(schema, action)?.parameters ?? []).some(({ name, metadata }) => metadata === field && (parameters[name] === undefined || variableIn(parameters[name]) !== undefined))

/** Does the field settle which action it is? Not where a file is named by its whole name: that tells the format too. */
function isDecidedBy(schema: WorkflowSchema, { action, parameters }: Step, field: string, told: string): boolean {
  const known = findAction(schema, action)
  if (!known || !Object.hasOwn(known.when, field)) return false
  return !known.parameters.some(({ name, type, extension }) => type === 'file' && extension !== undefined && String(parameters[name]).endsWith(`.${extension}`) && told.includes(String(parameters[name])))
}

/** A value that contradicts neither the steps nor the other fields; undefined where none is left. */
function made(schema: WorkflowSchema, field: string, there: ReadonlyMap<string, string>, steps: readonly Step[], r: Random): string | undefined {
  const { type, values = [] } = schema.metadata[field]!
  if (type === 'channel') return channelValue(r)
  if (type === 'text') return undefined
  const endings = [...new Set(schema.actions.flatMap(({ parameters }) => parameters.flatMap(({ extension }) => extension ?? [])))]
  if (type === 'file') {
    const told = endings.filter((ending) => [...there.values()].some((value) => value.toLowerCase() === ending))
    return endings.length > 0 ? metadataFile(r, told.length > 0 ? told : endings) : undefined
  }
  const decided = steps.flatMap(({ action }) => findAction(schema, action)?.when[field] ?? [])
  const files = Object.entries(schema.metadata).flatMap(([name, each]) => (each.type === 'file' ? (there.get(name) ?? []) : []))
  const agrees = (value: string) => decided.every((each) => each === value) && (!endings.includes(value.toLowerCase()) || files.every((file) => file.toLowerCase().endsWith(`.${value.toLowerCase()}`)))
  const fitting = values.filter(agrees)
  return fitting.length > 0 ? r.pick(fitting) : undefined
}
