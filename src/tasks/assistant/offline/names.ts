import type { Random } from '../../../teacher/random.ts'
import { slotsOf } from '../parse.ts'
import type { Question, Section } from '../schema.ts'

/** Phrases that fit a section: a symptom is a sentence and stands in {problem}, everything else in {topic}. */
export const phrasesFor = (section: Section, { say }: Question): string[] => say.filter((phrase) => slotsOf(phrase)[0] === (section.sort === 'symptom' ? 'problem' : 'topic'))

export const mayBeAsked = (section: Section, question: Question): boolean =>
  phrasesFor(section, question).length > 0 && (question.only === undefined || (question.only === 'functions') === (section.sort === 'function'))

const isBare = (name: string) => /^[a-z_]\w*[?!]?$/.test(name)

/** What people call a section in a question; a function by its bare name only where the question can only be about functions. */
export function nameOf(section: Section, question: Question, r: Random): { name: string; which: number } {
  const bare = question.only === 'functions' || question.takes === 'signature' || question.asks === 'returns'
  const names = section.names.map((name, which) => ({ name, which })).filter(({ name }) => section.sort !== 'function' || bare || !isBare(name))
  const { name, which } = r.pick(names)
  if (which > 0 || section.sort === 'function') return { name, which }
  const heading = /^\p{Lu}\p{Ll}/u.test(name) && !/[.:/_]/.test(name) ? name[0]!.toLowerCase() + name.slice(1) : name
  return { name: section.sort === 'text' && r.chance(0.35) && !/^(the|an?|adding|removing) /.test(heading) ? `the ${heading}` : heading, which }
}
