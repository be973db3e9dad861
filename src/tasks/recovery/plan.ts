import { createHash } from 'node:crypto'
import { Random } from '../../teacher/random.ts'
import { endless, shares } from '../dealing.ts'
import type { Brief, PlanOptions } from '../family.ts'
import { plan as planCalls, usualCount as usualCalls } from '../tools/plan.ts'
import { commandVariations, contextVariations, errorSimulations } from './augment/index.ts'
import type { RecoverySchema, WordedTool } from './schema.ts'

/** Raised when the offline teacher or the plan would write other rows for the same schema. */
const version = 1

/** Rows for each cause, unless told otherwise. */
const rowsPerCause = 30
/** Half of the commands stand as they are written, the others are varied by one of the eight ways in turn. */
const unvaried = 8
/** Of ten errors so many have nothing but what made them fail; the others also another context. */
const simulatedOnly = 6

/** The same in words, for the documentation of a dataset. */
export function augmentationRules(): string[] {
  const [words, contexts] = [Object.keys(commandVariations), Object.keys(contextVariations)]
  const all = unvaried + words.length + contexts.length
  return [
    `Of ${all} requests ${unvaried} stand as they are written; of the others one each is varied by ${[...words, ...contexts].join(', ')}.`,
    'Requests that are to be asked back are not varied.',
    `Each error is made by the simulation of its cause (${Object.keys(errorSimulations).join(', ')}); of ${simulatedOnly + contexts.length} errors ${contexts.length} have another context besides: ${contexts.join(', ')}.`,
    'A variation that a row cannot have is not made, and the row tells so in its slice `augmentation`; the answer follows where it hangs on what was changed.',
  ]
}

/** How many briefs a plan has unless told otherwise. */
export const usualCount = (schema: RecoverySchema): number => usualCalls(schema.commands) + rowsPerCause * schema.causes.length

/**
 * What to ask the teacher for: requests for commands, each intent with words of its own, requests that must be asked back, and failed commands
 * by their causes, each as often as the others. A brief's slice says which task, what it is about, and how the row is varied.
 */
export function plan(schema: RecoverySchema, { count = usualCount(schema), seed }: PlanOptions): Brief[] {
  const [commands = 0, recoveries = 0] = shares(count, [usualCalls(schema.commands), rowsPerCause * schema.causes.length])
  return [...commandBriefs(schema, commands, seed), ...recoveryBriefs(schema, recoveries, seed)].map((brief, index) => ({ ...brief, index }))
}

function commandBriefs(schema: RecoverySchema, count: number, seed: number): Omit<Brief, 'index'>[] {
  const said = planCalls(schema.wordings, { count, seed }).filter(({ slice }) => slice.case === 'positive')
  const askedBack = planCalls(schema.commands, { count, seed }).filter(({ slice }) => slice.case !== 'positive')
  const deal = endless(new Random(`${seed}/augmentation`), [...Array<string>(unvaried).fill('none'), ...Object.keys(commandVariations), ...Object.keys(contextVariations)])
  const commandOf = new Map(schema.wordings.tools.map((tool: WordedTool) => [tool.name, tool.command]))
  return [
    ...said.map(({ key, slice: { tool = '', ...rest } }) => brief(schema, key, { task: 'command', about: commandOf.get(tool)!, augmentation: deal(), ...rest, wording: tool })),
    ...askedBack.map(({ key, slice: { tool = '', ...rest } }) => brief(schema, key, { task: 'command', about: tool, augmentation: 'none', ...rest })),
  ]
}

function recoveryBriefs(schema: RecoverySchema, count: number, seed: number): Omit<Brief, 'index'>[] {
  const quotas = shares(count, schema.causes.map(() => 1))
  return schema.causes.flatMap((cause, i) => {
    const deal = endless(new Random(`${seed}/${cause.root_cause}`), [...Array<string>(simulatedOnly).fill(cause.simulation), ...Object.keys(contextVariations)])
    return Array.from({ length: quotas[i]! }, (_, ordinal) => brief(schema, JSON.stringify([seed, ordinal, cause]), { task: 'recovery', about: cause.root_cause, case: 'recovery', augmentation: deal(), phrasing: 'message' }))
  })
}

const brief = ({ contexts, message_frames }: RecoverySchema, touches: string, slice: Record<string, string>): Omit<Brief, 'index'> =>
  ({ key: createHash('sha256').update(JSON.stringify([version, touches, slice, contexts, message_frames])).digest('hex'), slice })
