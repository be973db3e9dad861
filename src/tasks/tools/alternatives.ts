import type { Suggestion } from '../family.ts'
import { isClarification, mostSuggestions, readAnswer } from './answer.ts'
import { suggestionLabel } from './completion.ts'
import { findTool, type ToolsSchema } from './schema.ts'
import { wordingsOf } from './words.ts'

/** What a person may choose from when the model is not sure of its call: that tool, and those whose words the question shares. */
export function alternatives(schema: ToolsSchema, completion: string, instruction: string): Suggestion[] {
  const { answer } = readAnswer(completion)
  const predicted = answer && !isClarification(answer) ? findTool(schema, answer.name) : undefined
  if (!predicted) return []
  const asked = wordsOf(instruction)
  const near = schema.tools
    .filter((tool) => tool !== predicted)
    .map((tool) => ({ tool, shared: [...wordsOf([tool.description, ...wordingsOf(tool)].join(' '))].filter((word) => asked.has(word)).length }))
    .filter(({ shared }) => shared > 0)
    .toSorted((a, b) => b.shared - a.shared)
  return [predicted, ...near.map(({ tool }) => tool)].slice(0, mostSuggestions).map((tool) => ({ label: suggestionLabel(tool), command: tool.name }))
}

/** Words without their plural. */
const wordsOf = (text: string) => new Set((text.toLowerCase().match(/[a-z]{3,}/g) ?? []).map((word) => word.replace(/s$/, '')).filter((word) => !small.has(word)))
const small = new Set('the for and with from this that all any not new you your are its can'.split(' '))
