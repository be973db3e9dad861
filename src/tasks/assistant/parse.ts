import type { z } from 'zod'
import { didYouMean, oneOf, shown } from '../../text.ts'
import type { SchemaSource } from '../family.ts'
import { alsoInAugmentation } from '../augment/section.ts'
import { alsoInGates } from '../gates.ts'
import { limit } from '../yaml-limits.ts'
import { failShape } from '../yaml-mistakes.ts'
import { readYaml, type Mistake } from '../yaml-source.ts'
import { cutters, endingOf } from './cut.ts'
import { covers, sectionsOf } from './passages.ts'
import { Ambiguous, AssistantYaml, Gates, Group, Question, type AssistantSchema, type Section } from './schema.ts'

/** Most lines of all documents: a megabyte of real ones has some 14,000. */
const mostLines = 25_000

/**
 * Reads a schema of kind `assistant` with its documents in it (`gather`).
 * @throws InputError with every mistake (ten at most), one a line: `schemas/starweave.yaml:12:9: expected …, found …; do …`
 */
export function parse(source: SchemaSource): AssistantSchema {
  const yaml = readYaml(source)
  if (yaml.value === null || typeof yaml.value !== 'object' || Array.isArray(yaml.value)) {
    return yaml.fail([{ offset: 0, message: `expected a map with the keys "kind", "name", "sources", "groups" and "questions", found ${shown(yaml.value)}; see schemas/starweave.yaml.` }])
  }
  const checked = AssistantYaml.safeParse(yaml.value)
  if (!checked.success) return failShape(yaml, checked.error, alsoInGates(Gates, alsoInAugmentation(keysAt)))
  const { documents, sources, ...rest } = checked.data
  const at = yaml.offset(['sources', 'folder'])
  if (!documents) return yaml.fail([{ offset: at, message: `expected the documents of ${shown(sources.folder)} in the schema, found none; let \`clitron\` read it where the folder stands.` }])

  const mistakes: Mistake[] = []
  const report = (path: (string | number)[], message: string) => {
    if (mistakes.length < limit.looked) mistakes.push({ offset: yaml.offset(path), message })
  }
  documents.forEach(({ file }, i) => {
    if (!Object.hasOwn(cutters, endingOf(file))) report(['documents', i, 'file'], `expected a document (${Object.keys(cutters).map((ending) => `.${ending}`).join(', ')}), found ${shown(file)}; remove it.`)
  })
  if (mistakes.length) yaml.fail(mistakes)
  const lines = documents.reduce((sum, { text }) => sum + linesOf(text), 0)
  if (lines > mostLines) return yaml.fail([{ offset: at, message: `expected documents of at most ${mostLines} lines, found ${lines} in ${shown(sources.folder)}; choose fewer of them.` }])
  const files = documents.map(({ file }) => file)
  const named: [(string | number)[], string[]][] = [[['sources', 'symptoms'], sources.symptoms], [['sources', 'held_out'], sources.held_out], ...Object.entries(checked.data.groups).map(([name, { files: paths }]): [(string | number)[], string[]] => [['groups', name, 'files'], paths])]
  for (const [path, paths] of named) paths.forEach((each, i) => {
    if (!files.some((file) => covers([each], file))) report([...path, i], `expected a file or folder of the sources, found ${shown(each)}${didYouMean(each, files) || `; name one of ${oneOf(files)}.`}`)
  })
  const learned = documents.filter(({ file }) => !covers(sources.held_out, file))
  const sections = sectionsOf(checked.data, learned)
  if (sections.length === 0) report(['sources', 'folder'], `expected headings with text under them, found none in ${learned.length} documents; give them headings, or @doc in Elixir.`)
  checkQuestions(checked.data, report)
  checkNames(checked.data, sections, report)
  if (mistakes.length) yaml.fail(mistakes)
  return { ...rest, sections, files, logs: sources.logs, heldOut: files.filter((file) => covers(sources.held_out, file)) }
}

function linesOf(text: string): number {
  let count = 1
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count += 1
  return count
}

const shapes: Record<string, z.ZodObject> = { questions: Question, groups: Group, ambiguous: Ambiguous, sources: AssistantYaml.shape.sources, refusals: AssistantYaml.shape.refusals.unwrap() }

function keysAt(path: readonly PropertyKey[]): string[] {
  const list = path.findLast((segment) => typeof segment === 'string' && Object.hasOwn(shapes, segment)) as string | undefined
  return Object.keys((list === undefined ? AssistantYaml : shapes[list]!).shape)
}

type Report = (path: (string | number)[], message: string) => void

/** Slots that a phrase may have. */
const slots = ['topic', 'problem']

function checkQuestions({ questions, general, refusals }: AssistantYaml, report: Report): void {
  const seen = new Set<string>()
  questions.forEach(({ asks, takes, cues, say, follow }, i) => {
    if (seen.has(asks)) report(['questions', i, 'asks'], `expected every kind of question once, found a second ${shown(asks)}; remove or rename one.`)
    seen.add(asks)
    if (takes === 'cues' && cues.length === 0) report(['questions', i], `expected cues for ${shown(asks)}, or another way to take passages, found neither; add one of the two.`)
    if (takes !== 'cues' && questions.findIndex((other) => other.takes === takes) !== i) report(['questions', i, 'takes'], `expected one kind of question that takes ${shown(takes)}, found a second; give it cues.`)
    say.forEach((phrase, j) => {
      const found = slotsOf(phrase)
      const wrong = found.find((slot) => !slots.includes(slot))
      if (wrong !== undefined) report(['questions', i, 'say', j], `expected the slot {topic} or {problem}, found {${wrong}}${didYouMean(wrong, slots) || '; change it.'}`)
      else if (found.length !== 1) report(['questions', i, 'say', j], `expected one slot, {topic} or {problem}, found ${found.length}; without one nobody knows what is asked about.`)
    })
    follow.forEach((phrase, j) => {
      if (slotsOf(phrase).length) report(['questions', i, 'follow', j], 'expected words without a slot, found one; what they are about was said before.')
    })
  })
  general.forEach((phrase, i) => {
    if (slotsOf(phrase).join() !== 'words') report(['general', i], `expected the one slot {words}, found ${shown(phrase)}; add it.`)
  })
  for (const [kind, phrases] of Object.entries(refusals)) phrases.forEach((phrase, i) => {
    if (slotsOf(phrase).some((slot) => slot !== 'topic')) report(['refusals', kind, i], `expected no slot but {topic}, found ${shown(phrase)}; change it.`)
  })
}

function checkNames({ terms, ambiguous }: AssistantYaml, sections: readonly Section[], report: Report): void {
  const known = sections.flatMap(({ heading, names }) => [heading, ...names])
  const all = new Set(known)
  const wanted = [...Object.keys(terms).map((term) => ({ name: term, path: ['terms', term] })), ...Object.entries(ambiguous).flatMap(([name, { topics }]) => topics.map((topic, i) => ({ name: topic, path: ['ambiguous', name, 'topics', i] })))]
  // Each is compared with heading after heading: no more of them than are told, and not with more than real documents have.
  const near = [...all].slice(0, 4_000)
  for (const { name, path } of wanted.filter((each) => !all.has(each.name)).slice(0, limit.looked)) report(path, `expected a heading of the sources, found ${shown(name)}${didYouMean(name, near) || '; remove it.'}`)
}

/** Slots of a phrase: "what is {topic}" has "topic". */
export const slotsOf = (phrase: string): string[] => [...phrase.matchAll(/\{([^{}]*)\}/g)].map((match) => match[1]!)
