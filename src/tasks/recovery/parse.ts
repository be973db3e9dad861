import { z } from 'zod'
import { didYouMean, oneOf, shown } from '../../text.ts'
import type { SchemaSource } from '../family.ts'
import { alsoInAugmentation } from '../augment/section.ts'
import { alsoInGates } from '../gates.ts'
import type { Json } from '../tools/json.ts'
import type { Phrase } from '../tools/node.ts'
import { readTools } from '../tools/parse.ts'
import { effort, resolveParameters, type Effort } from '../tools/resolve.ts'
import { limit } from '../yaml-limits.ts'
import { failShape } from '../yaml-mistakes.ts'
import { readYaml, type Mistake } from '../yaml-source.ts'
import { contextValue } from './context.ts'
import { checkCauses } from './parse-causes.ts'
import { checkRules } from './rules.ts'
import { Cause, Command, ContextField, ErrorType, ExpertRule, Gates, RecoveryYaml, Step, type CommandTool, type KnownCause, type RecoverySchema, type StepTool, type WordedTool } from './schema.ts'
import { sliceNames } from './slices.ts'

export type Path = (string | number)[]
export type Report = (path: Path, message: string) => void

/**
 * Reads a schema of kind `recovery`.
 * @throws InputError with every mistake (ten at most), one a line: `schemas/claude-control.yaml:12:9: expected …, found …; do …`
 */
export function parse(source: SchemaSource): RecoverySchema {
  const yaml = readYaml(source)
  if (yaml.value === null || typeof yaml.value !== 'object' || Array.isArray(yaml.value)) {
    return yaml.fail([{ offset: 0, message: `expected a map with the keys "kind", "name", "commands", "recovery_steps" and "errors", found ${shown(yaml.value)}; see schemas/claude-control.yaml.` }])
  }
  const checked = RecoveryYaml.safeParse(yaml.value)
  if (!checked.success) return failShape(yaml, checked.error, alsoInGates(Gates, alsoInAugmentation(keysAt)))
  const mistakes = new Map<string, Mistake>()
  const report: Report = (path, message) => {
    const offset = yaml.offset(path)
    // One reading of a command's parameters for each of its intents would tell the same mistake each time.
    if (mistakes.size < limit.looked) mistakes.set(`${offset} ${message}`, { offset, message })
  }
  const schema = schemaOf(checked.data, report)
  checkContexts(checked.data, report)
  checkCommands(schema, checked.data, report)
  checkRows(checked.data, report)
  if (mistakes.size === 0) {
    checkCauses(schema, checked.data, report)
    checkRules(schema, checked.data, report)
  }
  if (mistakes.size) yaml.fail([...mistakes.values()])
  return schema
}

function schemaOf(yaml: RecoveryYaml, report: Report): RecoverySchema {
  const { name, description = '' } = yaml
  const left = effort()
  const worded = yaml.commands.flatMap((command, i) => wordingsOf(command, i, report, left))
  const commands = yaml.commands.map(({ command_type, description: about = '', synonyms, intents, from_context }): CommandTool => {
    const own = worded.filter(({ command }) => command === command_type)
    return { name: command_type, description: about, synonyms: [...synonyms, ...own.flatMap((each) => each.synonyms)], phrases: own.flatMap(({ phrases }) => phrases), parameters: own[0]?.parameters ?? [], intents: Object.keys(intents), fromContext: from_context }
  })
  const steps = yaml.recovery_steps.map((step, i): StepTool => {
    const [tool] = readTools([{ tool: { name: step.step, description: step.description, parameters: step.parameters }, path: ['recovery_steps', i], parameters: ['recovery_steps', i, 'parameters'] }], report, left)
    return { ...tool!, makes: step.makes, ends: step.ends, runs: step.runs }
  })
  const causes = yaml.errors.flatMap(({ error_type, category, severity, causes }, i) => causes.map(({ slots, ...cause }, j): KnownCause => ({
    ...cause, error_type, category, severity,
    slots: Object.keys(slots).length === 0 ? [] : resolveParameters({ type: 'object', properties: slots }, ['errors', i, 'causes', j, 'slots'], report, left),
    above: Object.fromEntries(Object.entries(slots).flatMap(([slot, { above }]) => (above === undefined ? [] : [[slot, above]]))),
  })))
  once(yaml.commands.map(({ command_type }) => command_type), 'command', (i) => ['commands', i, 'command_type'], report)
  once(steps.map((step) => step.name), 'recovery step', (i) => ['recovery_steps', i, 'step'], report)
  once(yaml.errors.map(({ error_type }) => error_type), 'error type', (i) => ['errors', i, 'error_type'], report)
  const places = yaml.errors.flatMap(({ causes: own }, i) => own.map((_, j): Path => ['errors', i, 'causes', j, 'root_cause']))
  once(causes.map(({ root_cause }) => root_cause), 'root cause', (i) => places[i]!, report)
  return {
    ...yaml, description, causes,
    commands: { kind: 'tools', name, description, tools: commands },
    wordings: { kind: 'tools', name, description, tools: worded },
    steps: { kind: 'tools', name, description: '', tools: steps },
  }
}

/** A command once for each intent, with the words of that intent alone. */
function wordingsOf({ command_type, description, synonyms, intents, parameters }: RecoveryYaml['commands'][number], i: number, report: Report, left: Effort): WordedTool[] {
  return Object.entries(intents).flatMap(([intent, words], k): WordedTool[] => {
    const path: Path = ['commands', i, 'intents', intent]
    const own = k === 0 ? [...synonyms, ...words.synonyms] : words.synonyms
    if (k > 0 && own.length === 0) report(path, `expected some "synonyms" for ${shown(intent)}, which is not the usual intent of ${shown(command_type)}, found none; add what people say for it.`)
    const phrases = words.phrases.map((phrase): Phrase => {
      if (typeof phrase === 'string') return { say: phrase, parameters: {} }
      return { say: phrase.say, parameters: { ...phrase.parameters, ...Object.fromEntries(Object.entries(phrase.context).map(([parameter, field]): [string, Json] => [parameter, contextValue(field)])) } }
    })
    // The command's own name says its usual intent: another is called by what people say.
    const name = k === 0 ? command_type : (own[0] ?? `${command_type} ${intent}`)
    const [tool] = readTools([{ tool: { name, description: k === 0 ? description : undefined, synonyms: own, phrases, parameters }, path, parameters: ['commands', i, 'parameters'] }], report, left)
    return [{ ...tool!, command: command_type, intent }]
  })
}

function once(names: readonly string[], what: string, pathOf: (i: number) => Path, report: Report): void {
  const seen = new Set<string>()
  names.forEach((name, i) => {
    if (seen.has(name)) report(pathOf(i), `expected every ${what} once, found a second ${shown(name)}; remove or rename one.`)
    seen.add(name)
  })
}

export function pointsTo(name: string, known: readonly string[], what: string, path: Path, report: Report): void {
  if (!known.includes(name)) report(path, `expected ${what}, found ${shown(name)}${didYouMean(name, known) || `; declare it, or choose ${oneOf(known)}.`}`)
}

function checkContexts({ contexts, commands }: RecoveryYaml, report: Report): void {
  const labels = new Map<string, string>()
  for (const [name, { type, values, fills }] of Object.entries(contexts)) {
    const label = name.split('.')[1]!
    if (labels.has(label)) report(['contexts', name], `expected the second part of a field's name once, found ${shown(name)} beside ${shown(labels.get(label))}; rename one: the model reads that part alone.`)
    labels.set(label, name)
    if ((type === 'enum') !== (values !== undefined)) report(['contexts', name], `expected "values" with the type enum and only with it, found ${values ? 'values' : 'none'} for ${shown(name)}; change one of the two.`)
    const parameters = commands.flatMap((command) => Object.keys(command.parameters?.properties ?? {}))
    fills.forEach((parameter, i) => pointsTo(parameter, [...new Set(parameters)], 'a parameter of some command', ['contexts', name, 'fills', i], report))
  }
}

function checkCommands({ commands }: RecoverySchema, { commands: written, contexts, intents }: RecoveryYaml, report: Report): void {
  written.forEach(({ intents: own, from_context }, i) => {
    const parameters = commands.tools[i]!.parameters.map(({ name }) => name)
    if (Object.keys(own).length === 0) report(['commands', i, 'intents'], 'expected at least one intent, found none; add one.')
    for (const [intent, { phrases }] of Object.entries(own)) {
      pointsTo(intent, Object.keys(intents), 'a declared intent', ['commands', i, 'intents', intent], report)
      phrases.forEach((phrase, k) => {
        for (const field of typeof phrase === 'string' ? [] : Object.values(phrase.context)) pointsTo(field, Object.keys(contexts), 'a field of the context', ['commands', i, 'intents', intent, 'phrases', k, 'context'], report)
      })
    }
    for (const [parameter, field] of Object.entries(from_context)) {
      pointsTo(parameter, parameters, `a parameter of ${shown(commands.tools[i]!.name)}`, ['commands', i, 'from_context', parameter], report)
      pointsTo(field, Object.keys(contexts), 'a field of the context', ['commands', i, 'from_context', parameter], report)
    }
  })
}

function checkRows({ training }: RecoveryYaml, report: Report): void {
  for (const model of ['command_predictor', 'intent_classifier'] as const) {
    training[model].stages.forEach(({ rows = {} }, i) => {
      for (const slice of Object.keys(rows)) pointsTo(slice, sliceNames, 'a slice of the rows', ['training', model, 'stages', i, 'rows', slice], report)
    })
  }
}

const shapes: Record<string, z.ZodObject> = { contexts: ContextField, commands: Command, recovery_steps: Step, errors: ErrorType, causes: Cause, expert_rules: ExpertRule }

function keysAt(path: readonly PropertyKey[]): string[] {
  const list = path.findLast((segment) => typeof segment === 'string' && Object.hasOwn(shapes, segment)) as string | undefined
  return Object.keys((list === undefined ? RecoveryYaml : shapes[list]!).shape)
}
