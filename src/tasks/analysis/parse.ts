import type { z } from 'zod'
import { didYouMean, oneOf, shown } from '../../text.ts'
import type { SchemaSource } from '../family.ts'
import { alsoInAugmentation } from '../augment/section.ts'
import { alsoInGates } from '../gates.ts'
import { compile, Trial } from '../pattern.ts'
import { slotsOf } from '../phrase.ts'
import { limit } from '../yaml-limits.ts'
import { failShape } from '../yaml-mistakes.ts'
import { readYaml, type Mistake, type YamlSource } from '../yaml-source.ts'
import { Action, AnalysisSchema, EntityType, Event, Gates, Level, Mail, placedEvents, Priority, Sanitize, State, statesOf, Wording, Workflow } from './schema.ts'
import { readTrainingConfig } from './search.ts'

/**
 * Reads a schema of kind `analysis`.
 * @throws InputError with every mistake (ten at most), one a line: `schemas/email-batches.yaml:12:9: expected …, found …; do …`
 */
export function parse(source: SchemaSource): AnalysisSchema {
  const yaml = readYaml(source)
  if (yaml.value === null || typeof yaml.value !== 'object' || Array.isArray(yaml.value)) {
    return yaml.fail([{ offset: 0, message: `expected a map with the keys "kind", "workflows", "entities", "priorities" and "actions", found ${typeof yaml.value === 'string' ? 'a text' : shown(yaml.value)}; see schemas/email-batches.yaml.` }])
  }
  const checked = AnalysisSchema.safeParse(yaml.value)
  if (!checked.success) return failShape(yaml, checked.error, alsoInGates(Gates, alsoInAugmentation(keysAt)))
  const mistakes = semanticMistakes(checked.data, yaml)
  if (mistakes.length) yaml.fail(mistakes)
  return checked.data
}

const shapes: Record<string, z.ZodObject> = { workflows: Workflow, states: State, events: Event, wordings: Wording, entities: EntityType, priorities: Priority, actions: Action, sanitize: Sanitize, mail: Mail, curriculum: Level, nothing: AnalysisSchema.shape.nothing }

function keysAt(path: readonly PropertyKey[]): string[] {
  const last = path.findLast((segment) => typeof segment === 'string' && Object.hasOwn(shapes, segment)) as string | undefined
  return Object.keys((last === undefined ? AnalysisSchema : shapes[last]!).shape)
}

type Path = (string | number)[]
type Report = (path: Path, message: string) => void

/** What zod cannot see: doubles, names that point nowhere, patterns that are none. */
function semanticMistakes(schema: AnalysisSchema, yaml: YamlSource): Mistake[] {
  const mistakes: Mistake[] = []
  const report: Report = (path, message) => {
    if (mistakes.length < limit.looked) mistakes.push({ offset: yaml.offset(path), message })
  }
  const events: { event: Event; path: Path }[] = [
    ...schema.workflows.flatMap(({ states }, i) => states.flatMap((state, j) => state.events.map((event, k) => ({ event, path: ['workflows', i, 'states', j, 'events', k] })))),
    ...schema.nothing.events.map((event, k) => ({ event, path: ['nothing', 'events', k] as Path })),
  ]
  const trial = new Trial()
  const patterns = (list: readonly string[], path: Path) => checkPatterns(list, path, trial, report)
  once(schema.workflows.map(({ name }, i) => ({ name, path: ['workflows', i, 'name'] })), 'workflow', report)
  schema.workflows.forEach(({ states }, i) => once(states.map(({ name }, j) => ({ name, path: ['workflows', i, 'states', j, 'name'] })), 'state of a workflow', report))
  once(events.map(({ event, path }) => ({ name: event.name, path: [...path, 'name'] })), 'event', report)
  once(schema.entities.map(({ name }, i) => ({ name, path: ['entities', i, 'name'] })), 'entity type', report)
  once(schema.actions.map(({ name }, i) => ({ name, path: ['actions', i, 'name'] })), 'action', report)
  once(schema.priorities.map(({ name }, i) => ({ name, path: ['priorities', i, 'name'] })), 'priority', report)

  const names = { types: schema.entities.map(({ name }) => name), actions: schema.actions.map(({ name }) => name), events: placedEvents(schema).map(({ event }) => event.name) }
  for (const { event, path } of events) checkEvent(event, path, names, report)
  schema.actions.forEach((action, i) => {
    action.about.forEach((type, j) => pointsTo(type, names.types, 'an entity type', ['actions', i, 'about', j], report))
    action.asks.forEach((say, j) => slots(say, ['when', 'what'], ['actions', i, 'asks', j], report))
  })
  schema.entities.forEach((type, i) => {
    patterns(type.patterns, ['entities', i, 'patterns'])
    if (type.made === 'mask' && type.like.length === 0) report(['entities', i], `expected "like" with masks of made-up values (or "made"), found none for ${shown(type.name)}; add one, such as "PO-####".`)
  })
  schema.priorities.forEach(({ states }, i) => states.forEach((state, j) => pointsTo(state, [...statesOf(schema)], 'a state', ['priorities', i, 'states', j], report)))
  const rest = schema.priorities.filter(({ otherwise }) => otherwise)
  if (rest.length !== 1) report(['priorities'], `expected one priority with "otherwise: true", found ${rest.length}; it is taken where nothing settles another.`)
  patterns(schema.mail.end, ['mail', 'end'])
  patterns(schema.mail.skip, ['mail', 'skip'])
  schema.sanitize.forEach(({ pattern }, i) => patterns([pattern], ['sanitize', i, 'pattern']))
  checkCurriculum(schema.curriculum, report)
  if (schema.training_config !== undefined) {
    const problem = readTrainingConfig(schema.training_config).problem
    if (problem) report(['training_config', ...problem.path], problem.message)
  }
  return mistakes
}

function once(list: { name: string; path: Path }[], what: string, report: Report): void {
  const seen = new Set<string>()
  for (const { name, path } of list) {
    if (seen.has(name)) report(path, `expected every ${what} once, found a second ${shown(name)}; remove or rename one.`)
    seen.add(name)
  }
}

function pointsTo(name: string, allowed: string[], what: string, path: Path, report: Report): void {
  if (!allowed.includes(name)) report(path, `expected ${what}, found ${shown(name)}${didYouMean(name, allowed) || `; declare it, or choose ${oneOf(allowed)}.`}`)
}

function slots(say: string, allowed: string[], path: Path, report: Report): void {
  for (const { name } of slotsOf(say)) pointsTo(name, allowed, 'a slot that can be filled', path, report)
  if ((say.match(/\[/g) ?? []).length !== (say.match(/\]/g) ?? []).length) report(path, `expected every "[" to be closed, found ${shown(say)}; mend it.`)
}

function checkEvent(event: Event, path: Path, names: { types: string[]; actions: string[]; events: string[] }, report: Report): void {
  slots(event.summary, names.types, [...path, 'summary'], report)
  event.after.forEach((name, i) => pointsTo(name, names.events, 'an event', [...path, 'after', i], report))
  event.wordings.forEach((wording, i) => {
    const at = [...path, 'wordings', i]
    wording.implies.forEach((name, j) => pointsTo(name, names.actions, 'an action', [...at, 'implies', j], report))
    wording.asks.forEach((name, j) => pointsTo(name, names.actions, 'an action', [...at, 'asks', j], report))
    wording.says.forEach((say, j) => slots(say, [...names.types, 'when'], [...at, 'says', j], report))
    wording.subjects.forEach((say, j) => slots(say, names.types, [...at, 'subjects', j], report))
  })
}

/** Each level is harder than the one before it and joins later; the first is there from the beginning, the last has everything. */
function checkCurriculum(levels: readonly Level[], report: Report): void {
  once(levels.map(({ name }, i) => ({ name, path: ['curriculum', i, 'name'] })), 'level', report)
  levels.forEach(({ to, joins }, i) => {
    const before = levels[i - 1]
    const last = i === levels.length - 1
    if (!before && joins !== 0) report(['curriculum', i, 'joins'], `expected the first level to join at 0, found ${joins}; a training has to begin with something.`)
    if (before && joins <= before.joins) report(['curriculum', i, 'joins'], `expected the levels in the order in which they join, found ${joins} after ${before.joins}; put the simple ones first.`)
    if (last && to !== undefined) report(['curriculum', i, 'to'], `expected the last level without "to", since it has all batches, found ${to}; remove the key.`)
    if (!last && to === undefined) report(['curriculum', i], 'expected "to", the points of the hardest batch of the level, found none; take it from curriculum_config.json (`clitron inspect`).')
    if (before?.to !== undefined && to !== undefined && to <= before.to) report(['curriculum', i, 'to'], `expected each level to be harder than the one before it, found ${to} after ${before.to}; raise it.`)
  })
}

function checkPatterns(list: readonly string[], path: Path, trial: Trial, report: Report): void {
  list.forEach((pattern, i) => {
    const at = [...path, ...(list.length > 1 || path.at(-1) !== 'pattern' ? [i] : [])]
    if (!compile(pattern)) report(at, `expected a regular expression, found ${shown(pattern)}; mend it.`)
    else if (trial.neverEnds(pattern)) report(at, `expected a regular expression that comes to an end, found ${shown(pattern)}; write it without repetitions inside of repetitions.`)
  })
}
