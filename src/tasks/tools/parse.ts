import { didYouMean, shown } from '../../text.ts'
import type { SchemaSource } from '../family.ts'
import { alsoInAugmentation } from '../augment/section.ts'
import { alsoInGates } from '../gates.ts'
import { limit } from '../yaml-limits.ts'
import { failShape } from '../yaml-mistakes.ts'
import { readYaml, type Mistake } from '../yaml-source.ts'
import type { Json } from './json.ts'
import type { Phrase, Tool } from './node.ts'
import { effort, resolveParameters, type Effort, type Report } from './resolve.ts'
import { Function, Gates, Parameter, parametersOf, ToolsYaml, type ToolsSchema } from './schema.ts'
import { problemOf } from './values.ts'

/**
 * Reads a schema of kind `tools`.
 * @throws InputError with every mistake (ten at most), one a line: `schemas/home.yaml:12:9: expected …, found …; do …`
 */
export function parse(source: SchemaSource): ToolsSchema {
  const yaml = readYaml(source)
  if (yaml.value === null || typeof yaml.value !== 'object' || Array.isArray(yaml.value)) {
    return yaml.fail([{ offset: 0, message: `expected a map with the keys "kind", "name" and "tools", found ${shown(yaml.value)}; see schemas/home.yaml.` }])
  }
  const checked = ToolsYaml.safeParse(yaml.value)
  if (!checked.success) return failShape(yaml, checked.error, alsoInGates(Gates, alsoInAugmentation(keysAt)))
  const { name, description = '', tools, gates, augmentation } = checked.data
  const mistakes: Mistake[] = []
  const report: Report = (path, message) => {
    if (mistakes.length < limit.looked) mistakes.push({ offset: yaml.offset(path), message })
  }
  const read = readTools(tools.map((tool, i) => ({ tool, path: ['tools', i], parameters: ['tools', i, 'parameters'] })), report)
  if (mistakes.length) yaml.fail(mistakes)
  return { kind: 'tools', name, description, tools: read, ...(gates && { gates }), ...(augmentation && { augmentation }) }
}

/** One function as it is written, and where it and its parameters stand. */
export interface WrittenTool {
  tool: { name: string; description?: string | undefined; synonyms?: string[] | undefined; phrases?: (string | { say: string; parameters: Record<string, Json> })[] | undefined; parameters?: unknown }
  path: (string | number)[]
  parameters: (string | number)[]
}

/** Functions as they are written to functions as they are meant; what is wrong is reported with its place. */
export function readTools(written: readonly WrittenTool[], report: Report, left = effort()): Tool[] {
  const seen = new Set<string>()
  return written.map(({ tool, path, parameters }) => {
    if (seen.has(tool.name)) report([...path, 'name'], `expected every tool once, found a second ${shown(tool.name)}; remove or rename one.`)
    seen.add(tool.name)
    const phrases = (tool.phrases ?? []).map((phrase): Phrase => (typeof phrase === 'string' ? { say: phrase, parameters: {} } : phrase))
    const read: Tool = { name: tool.name, description: tool.description ?? '', synonyms: tool.synonyms ?? [], phrases, parameters: resolveParameters(tool.parameters, parameters, report, left) }
    phrases.forEach((phrase, i) => checkPhrase(read, phrase, [...path, 'phrases', i], report, left))
    return read
  })
}

/** Slots of a phrase: "lights in the {room}" has "room". */
export const slotsOf = (say: string): string[] => [...say.matchAll(/\{([^{}]+)\}/g)].map((match) => match[1]!)

function checkPhrase(tool: Tool, { say, parameters }: Phrase, path: (string | number)[], report: Report, { trial }: Effort): void {
  const known = [...parametersOf(tool).keys()]
  for (const slot of slotsOf(say)) {
    if (!known.includes(slot)) report(path, `expected slots of ${shown(tool.name)}'s parameters, found {${slot}}${didYouMean(slot, known) || '; remove it.'}`)
  }
  for (const [name, value] of Object.entries(parameters)) {
    const property = tool.parameters.find((each) => each.name === name)
    const problem = property && trial.within(() => problemOf(property.node, value))
    if (!property) report([...path, 'parameters', name], `expected a parameter of ${shown(tool.name)}, found ${shown(name)}${didYouMean(name, known) || '; remove it.'}`)
    else if (problem) report([...path, 'parameters', name], `expected ${shown(name)} to be ${problem.expected}, found ${shown(problem.found)}; change it.`)
  }
}

/** Keys that may stand where an unknown one was found. */
function keysAt(path: readonly PropertyKey[]): string[] {
  if (path.length === 0) return Object.keys(ToolsYaml.shape)
  if (path.includes('phrases') && !path.includes('properties')) return ['say', 'parameters']
  return Object.keys((path.length === 2 ? Function : Parameter).shape)
}

