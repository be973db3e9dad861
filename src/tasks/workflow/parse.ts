import { z } from 'zod'
import { didYouMean, oneOf, shown } from '../../text.ts'
import type { SchemaSource } from '../family.ts'
import { alsoInAugmentation } from '../augment/section.ts'
import { alsoInGates } from '../gates.ts'
import { limit } from '../yaml-limits.ts'
import { failShape } from '../yaml-mistakes.ts'
import { readYaml, type Mistake, type YamlSource } from '../yaml-source.ts'
import { checks } from './checks.ts'
import { parseExpression } from './expression.ts'
import { slotsOf } from '../phrase.ts'
import { Action, findAction, findParameter, Gates, Parameter, Recipe, Rule, WorkflowSchema, type Phrase } from './schema.ts'

/**
 * Reads a schema of kind `workflow`.
 * @throws InputError with every mistake (ten at most), one a line: `schemas/tamarind.yaml:12:9: expected …, found …; do …`
 */
export function parse(source: SchemaSource): WorkflowSchema {
  const yaml = readYaml(source)
  if (yaml.value === null || typeof yaml.value !== 'object' || Array.isArray(yaml.value)) {
    return yaml.fail([{ offset: 0, message: `expected a map with the keys "kind", "language", "actions" and "rules", found ${typeof yaml.value === 'string' ? 'a text' : shown(yaml.value)}; see schemas/tamarind.yaml.` }])
  }
  const checked = WorkflowSchema.safeParse(yaml.value)
  if (!checked.success) return failShape(yaml, checked.error, alsoInGates(Gates, alsoInAugmentation(keysAt)))
  const mistakes = semanticMistakes(checked.data, yaml)
  if (mistakes.length) yaml.fail(mistakes)
  return checked.data
}

const shapes: Record<string, z.ZodObject> = { actions: Action, parameters: Parameter, recipes: Recipe, rules: Rule }

function keysAt(path: readonly PropertyKey[]): string[] {
  const list = path.findLast((segment) => typeof segment === 'string' && Object.hasOwn(shapes, segment)) as string | undefined
  return Object.keys((list === undefined ? WorkflowSchema : shapes[list]!).shape)
}

type Path = (string | number)[]
type Report = (path: Path, message: string) => void

/** What zod cannot see: doubles, contradictions, and names that point nowhere. */
function semanticMistakes(schema: WorkflowSchema, yaml: YamlSource): Mistake[] {
  const mistakes: Mistake[] = []
  const report: Report = (path, message) => {
    if (mistakes.length < limit.looked) mistakes.push({ offset: yaml.offset(path), message })
  }
  once(schema.actions.map(({ name }, i) => ({ name, path: ['actions', i, 'name'] })), 'action', report)
  once(schema.rules.map(({ number }, i) => ({ name: String(number), path: ['rules', i, 'number'] })), 'rule number', report)
  for (const [name, { type, values }] of Object.entries(schema.metadata)) {
    if ((type === 'enum') !== (values !== undefined)) report(['metadata', name], `expected "values" with the type enum and only with it, found ${values ? 'values' : 'none'} for ${shown(name)}; change one of the two.`)
  }
  for (const [name, { phrases }] of Object.entries(schema.facts)) phrases.forEach(({ means }, i) => readable(means.replaceAll('{n}', '1'), ['facts', name, 'phrases', i, 'means'], report))
  schema.actions.forEach((action, i) => checkAction(schema, action, ['actions', i], report))
  schema.recipes.forEach((recipe, i) => checkRecipe(schema, recipe, ['recipes', i], report))
  schema.rules.forEach((rule, i) => checkRule(schema, rule, ['rules', i], report))
  return mistakes
}

function once(list: { name: string; path: Path }[], what: string, report: Report): void {
  const seen = new Set<string>()
  for (const { name, path } of list) {
    if (seen.has(name)) report(path, `expected every ${what} once, found a second ${shown(name)}; remove or change one.`)
    seen.add(name)
  }
}

function readable(text: string, path: Path, report: Report): void {
  try {
    parseExpression(text)
  } catch (error) {
    report(path, `${(error as Error).message}; mend it.`)
  }
}

function pointsTo(name: string | undefined, known: string[], what: string, path: Path, report: Report): void {
  if (name !== undefined && !known.includes(name)) report(path, `expected ${what}, found ${shown(name)}${didYouMean(name, known) || `; declare it, or choose ${oneOf(known)}.`}`)
}

function checkAction(schema: WorkflowSchema, action: Action, at: Path, report: Report): void {
  once(action.parameters.map(({ name }, i) => ({ name, path: [...at, 'parameters', i, 'name'] })), 'parameter', report)
  for (const [field, value] of Object.entries(action.when)) {
    pointsTo(field, Object.keys(schema.metadata), 'a field of the metadata', [...at, 'when', field], report)
    const values = schema.metadata[field]?.values
    if (values) pointsTo(value, values, `one of its values`, [...at, 'when', field], report)
  }
  action.parameters.forEach((parameter, i) => checkParameter(schema, parameter, [...at, 'parameters', i], report))
  action.phrases.forEach((phrase, i) => checkPhrase(action, phrase, [...at, 'phrases', i], report))
}

function checkParameter(schema: WorkflowSchema, { name, type, values, value_synonyms, default: usual, required, variable, metadata }: Parameter, at: Path, report: Report): void {
  if ((type === 'enum') !== (values !== undefined)) report(at, `expected "values" with the type enum and only with it, found ${values ? `them with the type ${type}` : 'none'} for ${shown(name)}; change one of the two.`)
  if (required && usual !== undefined) report([...at, 'default'], `expected a required parameter without default, found ${shown(usual)} for ${shown(name)}; remove one of the two keys.`)
  if (values && usual !== undefined) pointsTo(String(usual), values, 'one of its values', [...at, 'default'], report)
  for (const value of Object.keys(value_synonyms)) pointsTo(value, values ?? [], 'synonyms of one of its values', [...at, 'value_synonyms', value], report)
  pointsTo(variable, Object.keys(schema.variables), 'a variable of the language', [...at, 'variable'], report)
  pointsTo(metadata, Object.keys(schema.metadata), 'a field of the metadata', [...at, 'metadata'], report)
}

function checkPhrase(action: Action, phrase: Phrase, at: Path, report: Report): void {
  const names = action.parameters.map(({ name }) => name)
  const said = [...slotsOf(phrase.say).map(({ name }) => name), ...Object.keys(phrase.with)]
  for (const name of said) pointsTo(name, names, `a parameter of ${shown(action.name)}`, at, report)
  const missing = action.parameters.filter(({ name, required, variable }) => required && variable === undefined && !said.includes(name))
  if (missing.length) report(at, `expected a phrase that says ${missing.map(({ name }) => shown(`{${name}}`)).join(' and ')}, which ${shown(action.name)} requires, found ${shown(phrase.say)}; add it.`)
  if (phrase.by_metadata && Object.keys(action.when).length === 0) report(at, `expected "by_metadata" only where "when" tells what decides, found it on ${shown(action.name)}; add "when".`)
  if ((phrase.say.match(/\[/g) ?? []).length !== (phrase.say.match(/\]/g) ?? []).length) report(at, `expected every "[" to be closed, found ${shown(phrase.say)}; mend it.`)
}

function checkRecipe(schema: WorkflowSchema, { say, steps }: Recipe, at: Path, report: Report): void {
  const given = new Set<string>()
  steps.forEach(({ action: name, parameters }, i) => {
    const action = findAction(schema, name)
    pointsTo(name, schema.actions.map((each) => each.name), 'an action', [...at, 'steps', i, 'action'], report)
    if (!action) return
    for (const [key, value] of Object.entries(parameters)) {
      pointsTo(key, action.parameters.map((each) => each.name), `a parameter of ${shown(name)}`, [...at, 'steps', i, 'parameters', key], report)
      for (const { name: slot } of slotsOf(String(value))) given.add(slot)
    }
    const missing = action.parameters.filter((each) => each.required && !Object.hasOwn(parameters, each.name))
    if (missing.length) report([...at, 'steps', i, 'parameters'], `expected ${missing.map((each) => shown(each.name)).join(' and ')}, which ${shown(name)} requires, found none; add it.`)
  })
  say.forEach((text, i) => {
    const said = slotsOf(text).map(({ name }) => name)
    for (const name of new Set([...said, ...given])) {
      if (!said.includes(name) || !given.has(name)) report([...at, 'say', i], `expected every slot in the words and in the steps, found ${shown(name)} only in ${given.has(name) ? 'the steps' : 'the words'}; change one of the two.`)
    }
  })
}

function checkRule(schema: WorkflowSchema, { check }: Rule, at: Path, report: Report): void {
  const name = String(check.is ?? '')
  const known = Object.keys(checks)
  if (!known.includes(name)) return report([...at, 'check'], `expected "is" to name a check (${known.join(', ')}), found ${shown(check.is)}${didYouMean(name, known) || '; choose one of them.'}`)
  const definition = checks[name]!
  const read = definition.parameters.safeParse(check)
  if (!read.success) {
    const [issue] = read.error.issues
    return report([...at, 'check'], `expected the parameters of ${shown(name)}, found a mistake in ${shown(issue!.path.join('.') || (issue as { keys?: string[] }).keys?.join(', ') || 'the check')} (${issue!.message}); mend it.`)
  }
  Object.assign(check, read.data)
  for (const action of definition.names(read.data)) pointsTo(action, schema.actions.map((each) => each.name), 'an action', [...at, 'check'], report)
  const { action, parameter } = read.data as { action?: string; parameter?: string }
  const owner = action === undefined ? undefined : findAction(schema, action)
  if (owner && parameter !== undefined && !findParameter(owner, parameter)) pointsTo(parameter, owner.parameters.map((each) => each.name), `a parameter of ${shown(action)}`, [...at, 'check'], report)
}
