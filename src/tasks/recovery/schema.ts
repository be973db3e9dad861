import { z } from 'zod'
import { augmentationOf } from '../augment/section.ts'
import { gatesOf } from '../gates.ts'
import type { Tool } from '../tools/node.ts'
import { namePattern, Parameter, type ToolsSchema } from '../tools/schema.ts'
import { Quality, Training } from './training.ts'

const Name = z.string().regex(namePattern)
const Text = z.string().min(1).max(2_000)
const Scalar = z.union([z.string().max(500), z.number(), z.boolean()])
const Texts = z.array(Text).max(300)

/** The error simulations of the document: by which of them a cause's failures are made. */
export const simulations = ['parameter_corruption', 'context_modification', 'resource_constraints', 'timing_issues'] as const
export type Simulation = (typeof simulations)[number]

/** What may be wrong with a parameter. */
export const corruptions = ['misspelt', 'words', 'out_of_range', 'missing'] as const
export type Corruption = (typeof corruptions)[number]

/** The groups of a context, as the document augments them. */
export const contextGroups = ['state', 'history', 'preferences', 'load'] as const
export type ContextGroup = (typeof contextGroups)[number]

/** A field that may stand beside a request: "state.session". */
export const ContextField = z.strictObject({
  type: z.enum(['text', 'integer', 'enum']).default('text'),
  description: Text.optional(),
  values: z.array(z.string().min(1).max(60)).min(2).max(40).optional().describe('The values of an enum'),
  format: z.string().max(60).optional().describe('What kind of text it is, for made-up values'),
  most: z.int().min(1).max(1_000_000).default(5).describe('The largest number that is made up'),
  fills: z.array(Name).max(20).default([]).describe('Parameters that it answers for: where one of them is missing and this field is there, nobody has to ask'),
})

const Phrase = z.union([Text, z.strictObject({
  say: Text,
  parameters: z.record(z.string(), z.json()).default({}).describe('What the words imply'),
  context: z.record(z.string(), z.string()).default({}).describe('Parameters that the words leave to the context, with its field: {session: state.session}'),
})])

export const Command = z.strictObject({
  command_type: Name,
  description: Text.optional(),
  synonyms: Texts.default([]).describe('Verb phrases people use for it'),
  intents: z.record(Name, z.strictObject({ synonyms: Texts.default([]), phrases: z.array(Phrase).max(300).default([]) })).describe('What people want by it, with the phrases that say so; the first is the usual one'),
  parameters: Parameter.optional(),
  from_context: z.record(z.string(), z.string()).default({}).describe('Parameters that the context gives when nobody says them: {format: preferences.format}'),
})

export const Step = z.strictObject({
  step: Name,
  description: Text.optional(),
  parameters: Parameter.optional(),
  makes: z.array(Name).default([]).describe('What a command may have lacked, and has after it'),
  ends: z.boolean().default(false).describe('It hands over to a person: no command has to succeed after it'),
  runs: z.enum(['failed_command', 'correction']).optional().describe('It runs the command that failed as it was, or its correction'),
})

/** A made-up part of a message, as JSON Schema. */
export const Slot = Parameter.extend({ above: Name.optional().describe('It is larger than this slot') })

const Correction = z.union([
  z.enum(['same', 'none']).describe('The failed command again, or no command'),
  z.strictObject({ set: z.record(z.string(), Scalar) }).describe('The failed command with these parameters changed'),
  z.strictObject({ command_type: Name, parameters: z.record(z.string(), Scalar).default({}) }),
])

const StepUse = z.union([Name.transform((step) => ({ step, parameters: {} as Record<string, string | number | boolean> })), z.strictObject({ step: Name, parameters: z.record(z.string(), Scalar).default({}) })])

export const Cause = z.strictObject({
  root_cause: Name,
  description: Text.optional(),
  simulation: z.enum(simulations),
  corruption: z.enum(corruptions).optional().describe('What parameter_corruption does to the parameter'),
  at: z.array(z.string().regex(/^[\w-]+(\.[\w-]+)?$/)).min(1).max(300).describe('Commands that can fail by it, with the parameter it is about: read_file.path'),
  messages: Texts.min(1).describe('As programs print them: {value} is the parameter, {right} what it should be, {parameter} its name, {command} the command; of (a|b) one'),
  slots: z.record(Name, Slot).default({}),
  when: z.record(z.string(), z.array(Scalar)).default({}).describe('Values of the context with which the same message means this cause'),
  unless: z.record(z.string(), z.array(Scalar)).default({}),
  needs: z.array(z.string()).default([]).describe('Fields that the context must have; {parameter} is the one it is about'),
  lacks: z.array(Name).default([]).describe('What the command lacks, until a step makes it'),
  correction: Correction,
  steps: z.array(StepUse).min(1).max(8),
})

export const ErrorType = z.strictObject({
  error_type: Name,
  description: Text.optional(),
  category: Name,
  severity: Name,
  causes: z.array(Cause).min(1).max(60),
})

export const ExpertRule = z.strictObject({
  rule: z.int().min(1).max(1_000),
  text: Text,
  check: z.record(z.string(), z.unknown()).describe('{is: NAME, …}: a check that the family knows, with its parameters'),
})

/** Figures of score.ts that a schema may bound. */
export const figures = {
  command_prediction: 'command_prediction', intent_classification: 'intent_classification', parameter_extraction: 'parameter_extraction', error_recovery: 'error_recovery',
  error_type: 'error_recovery: error type', root_cause: 'error_recovery: root cause', correction: 'error_recovery: correction', recovery_steps: 'error_recovery: steps',
} as const
export const Gates = gatesOf(figures)

/** One named training of kind `recovery`, as its YAML is written. */
export const RecoveryYaml = z.strictObject({
  kind: z.literal('recovery'),
  name: z.string().min(1).max(63).describe('The system that is commanded'),
  description: Text.optional(),
  categories: z.array(Name).min(1).max(60).describe('Categories of errors'),
  severities: z.array(Name).min(1).max(20).describe('From the least to the worst'),
  contexts: z.record(z.string().regex(/^(state|history|preferences|load)\.[a-z][a-z0-9_]{0,62}$/), ContextField).default({}),
  intents: z.record(Name, Text),
  commands: z.array(Command).min(1).max(200),
  recovery_steps: z.array(Step).min(1).max(200),
  message_frames: Texts.default(['{message}']).describe('What stands around an error message where people paste it'),
  errors: z.array(ErrorType).min(1).max(100),
  expert_rules: z.array(ExpertRule).min(1).max(100),
  quality_checks: Quality,
  gates: Gates.optional(),
  augmentation: augmentationOf(['phrasing', 'values', 'metadata']).optional(),
  training: Training,
})
export type RecoveryYaml = z.output<typeof RecoveryYaml>
export type ContextField = z.output<typeof ContextField>
export type Correction = z.output<typeof Correction>
export type StepUse = z.output<typeof StepUse>

/** A command is a function as kind `tools` knows them. */
export interface CommandTool extends Tool {
  /** The usual one first. */
  intents: string[]
  fromContext: Record<string, string>
}

/** A command with the words of one intent. */
export interface WordedTool extends Tool {
  command: string
  intent: string
}

export interface StepTool extends Tool {
  makes: string[]
  ends: boolean
  runs?: 'failed_command' | 'correction' | undefined
}

/** A cause with what stands around it. */
export interface KnownCause extends Omit<z.output<typeof Cause>, 'slots'> {
  error_type: string
  category: string
  severity: string
  /** The made-up parts of its messages as a function's parameters; `above` says which is the larger of two. */
  slots: Tool['parameters']
  above: Record<string, string>
}

/** Functions of a special kind, as kind `tools` takes them. */
interface Functions<T extends Tool> extends Omit<ToolsSchema, 'tools'> {
  tools: T[]
}

/** What the YAML means. */
export interface RecoverySchema extends Pick<RecoveryYaml, 'kind' | 'name' | 'categories' | 'severities' | 'contexts' | 'intents' | 'message_frames' | 'expert_rules' | 'quality_checks' | 'gates' | 'augmentation' | 'training'> {
  description: string
  commands: Functions<CommandTool>
  /** The same, one for each intent, with the words of that intent alone: whom the offline teacher asks for requests. */
  wordings: Functions<WordedTool>
  steps: Functions<StepTool>
  causes: KnownCause[]
}

const byName = new WeakMap<RecoverySchema, Map<string, KnownCause>>()

/** The cause of that name; every name stands once. */
export function findCause(schema: RecoverySchema, name: string): KnownCause | undefined {
  let found = byName.get(schema)
  if (!found) byName.set(schema, (found = new Map(schema.causes.map((cause) => [cause.root_cause, cause]))))
  return found.get(name)
}
