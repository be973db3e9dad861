import { readAnswer, type Suggestion } from './answer.ts'
import { suggestionLabel } from './completion.ts'
import { findLeaf, leaves, type CliSchema, type Leaf } from './schema.ts'

const most = 3

/** What a person may choose from when the model is not sure of its command: that command, and those whose names and words the question shares. */
export function alternatives(schema: CliSchema, completion: string, instruction: string): Suggestion[] {
  const { answer } = readAnswer(completion)
  const predicted = answer?.type === 'command' ? findLeaf(schema, answer.command, answer.subcommand) : undefined
  if (!predicted) return []
  const asked = wordsOf(instruction)
  const near = leaves(schema)
    .filter((leaf) => leaf !== predicted)
    .map((leaf) => ({ leaf, shared: [...ownWords(leaf)].filter((word) => asked.has(word)).length }))
    .filter(({ shared }) => shared > 0)
    .toSorted((a, b) => b.shared - a.shared)
  return [predicted, ...near.map(({ leaf }) => leaf)].slice(0, most).map((leaf) => ({ label: suggestionLabel(leaf), command: leaf.command, subcommand: leaf.subcommand }))
}

const ownWords = (leaf: Leaf) => wordsOf([leaf.path, leaf.description, ...leaf.synonyms, ...leaf.parent.synonyms].join(' '))

/** Words without their plural: "issues" is about an issue. */
const wordsOf = (text: string) => new Set((text.toLowerCase().match(/[a-z]{2,}/g) ?? []).map((word) => word.replace(/s$/, '')).filter((word) => !small.has(word)))
const small = new Set('an the in on of to for and or my me it at by with from thi that a i is be do'.split(' '))
