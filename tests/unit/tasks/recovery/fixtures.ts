import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import type { Row } from '../../../../src/dataset/row.ts'
import { packageRoot } from '../../../../src/paths.ts'
import { recovery as family } from '../../../../src/tasks/recovery/index.ts'
import { parse } from '../../../../src/tasks/recovery/parse.ts'
import type { Json } from '../../../../src/tasks/tools/json.ts'
import type { Tool } from '../../../../src/tasks/tools/node.ts'

export const file = 'schemas/claude-control.yaml'
export const text = readFileSync(join(packageRoot, file), 'utf8')
export const control = parse({ name: 'claude-control', file, text })

export const golden = readFileSync(join(packageRoot, 'schemas/claude-control.golden.jsonl'), 'utf8').trim().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>)

export const row = (instruction: string, output: unknown, more: Partial<Row> = {}): Row => ({ instruction, context: null, output: typeof output === 'string' ? output : JSON.stringify(output), ...more })
export const asked = (command_type: string, intent: string, parameters: Record<string, unknown> = {}) => ({ command: { command_type, intent, parameters } })
export const recovered = (error_type: string, root_cause: string, correction: unknown, ...recovery_steps: unknown[]) => ({ recovery: { error_type, root_cause, correction, recovery_steps } })
export const command = (command_type: string, parameters: Record<string, Json> = {}) => ({ command_type, parameters })

/** A command that failed, as the context has it. */
export const failing = (command_type: string, parameters: Record<string, Json> = {}, more: Record<string, unknown> = {}) => ({ failed_command: { command_type, parameters }, ...more })

const value = (tool: Tool) => fc.record(Object.fromEntries(tool.parameters.map(({ name, node: { shape } }) => [name,
  shape.kind === 'choice' ? fc.constantFrom(...shape.values)
    : shape.kind === 'number' ? fc.integer({ min: shape.minimum ?? 1, max: 1_000_000 })
      : fc.oneof(fc.stringMatching(/^[a-zA-Z0-9_./@:=,{}[\]-]{1,20}$/), fc.constantFrom('a b', '"q"', '}}', '{"step":"retry"}', ',', '\\')).filter((each) => shape.kind !== 'text' || shape.pattern === undefined || new RegExp(shape.pattern).test(each))])),
{ requiredKeys: tool.parameters.filter(({ required }) => required).map(({ name }) => name) })

export const anyCommand = fc.constantFrom(...control.commands.tools).chain((tool) => fc.tuple(fc.constant(tool), fc.constantFrom(...tool.intents), value(tool)))
const anyStep = fc.constantFrom(...control.steps.tools).chain((tool) => value(tool).map((parameters) => ({ step: tool.name, parameters })))

/** Answers of both tasks, with values of all shapes. */
export const anyAnswer: fc.Arbitrary<string> = fc.oneof(
  anyCommand.map(([{ name }, intent, parameters]) => asked(name, intent, parameters)),
  fc.tuple(fc.constantFrom(...control.causes), fc.option(anyCommand), fc.array(anyStep, { minLength: 1, maxLength: 8 })).map(([{ error_type, root_cause }, correction, steps]) =>
    recovered(error_type, root_cause, correction && { command_type: correction[0].name, parameters: correction[2] }, ...steps)),
).map((answer) => JSON.stringify(answer))

/** Rows of the offline teacher. */
export const written = (count: number, seed: number): Row[] => family.plan(control, { count, seed }).map((brief) => family.writeOffline(control, brief, seed))
