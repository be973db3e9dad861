import { claimedTwice } from '../claimed.ts'
import { narrowed } from '../copying.ts'
import { doubtWeight } from '../doubt-weight.ts'
import { literals } from '../literals.ts'
import { numbersIn } from '../numbers.ts'
import { putRight, strangeWords } from '../strange-words.ts'
import { checkAnswer, isClarification, readAnswer, type CallAnswer } from './answer.ts'
import type { Json } from './json.ts'
import type { Tool } from './node.ts'
import { choicesIn } from './resolve.ts'
import { findTool, parametersOf, type ToolsSchema } from './schema.ts'
import { leavesOf, stands, type Leaf } from './values.ts'
import { vocabulary } from './words.ts'

/** Values of a call that stand nowhere in the user's text. */
export function invented(schema: ToolsSchema, answer: CallAnswer, text: string): Leaf[] {
  const tool = findTool(schema, answer.name)!
  return leavesOf(tool.parameters, answer.parameters).filter((leaf) => !stands(leaf, text) && !impliedBy(tool).has(JSON.stringify([leaf.name, leaf.value])))
}

const implied = new WeakMap<Tool, Set<string>>()

/** Values that a tool's phrases mean without saying them: "mute" is a volume of 0. */
function impliedBy(tool: Tool): Set<string> {
  let found = implied.get(tool)
  if (!found) implied.set(tool, (found = new Set(tool.phrases.flatMap(({ parameters }) => leavesOf(tool.parameters, parameters).map(({ name, value }) => JSON.stringify([name, value]))))))
  return found
}

/**
 * What speaks against an answer, as far as the user's text tells, in nats. Certainly wrong are values that nobody said, values that were said
 * and are in no parameter or in two, a list with an item twice, and what the schema forbids in ways that a grammar cannot say; strange words that no
 * parameter holds mostly are. 0: nothing.
 */
export function doubts(schema: ToolsSchema, completion: string, text: string): number {
  const { answer } = readAnswer(completion)
  if (!answer) return Infinity
  if (isClarification(answer)) return 0
  if (!findTool(schema, answer.name)) return Infinity
  const wrong = checkAnswer(schema, answer).length
  if (wrong) return doubtWeight.certain * wrong
  return doubtWeight.certain * (invented(schema, answer, text).length + overlooked(schema, answer, text).length + twice(answer.parameters) + claimedTwice(words(schema, answer), text).length) + doubtWeight.likely * unexplained(schema, answer, text).length
}

/** Values in words, those of enums too: "sonnet" may be a model or a name, not both. */
const words = (schema: ToolsSchema, answer: CallAnswer): string[] =>
  leavesOf(findTool(schema, answer.name)!.parameters, answer.parameters).flatMap(({ value }) => (typeof value === 'string' && value.length > 1 ? value : []))

/** How many lists hold an item twice. */
function twice(value: Json): number {
  if (value === null || typeof value !== 'object') return 0
  const own = Array.isArray(value) && new Set(value.map((item) => JSON.stringify(item))).size < value.length ? 1 : 0
  return own + Object.values(value).reduce<number>((sum, inner) => sum + twice(inner), 0)
}

/** Names, as a rule, that no parameter holds. */
function unexplained(schema: ToolsSchema, answer: CallAnswer, text: string): string[] {
  const values = leavesOf(findTool(schema, answer.name)!.parameters, answer.parameters).map(({ value }) => String(value).toLowerCase())
  return strangeWords(vocabulary(schema), text).filter((word) => !values.some((value) => value.includes(word)))
}

/** What the text names that can only be a value (quoted text, a number, a path), and no parameter holds; an answer leaves defaults out. */
function overlooked(schema: ToolsSchema, answer: CallAnswer, text: string): string[] {
  const tool = findTool(schema, answer.name)!
  const defaults = [...parametersOf(tool).values()].flatMap((node) => (node.default === undefined ? [] : String(node.default)))
  const values = [...leavesOf(tool.parameters, answer.parameters).map(({ value }) => String(value)), ...defaults].map((value) => value.toLowerCase())
  const words = vocabulary(schema)
  return literals(text).map((literal) => literal.toLowerCase()).filter((literal) => !values.some((value) => value.includes(literal) || literal.includes(value) || numbersIn(literal).has(Number(value))) && !literal.split(/[^a-z0-9]+/).every((part) => words.has(part)))
}

/** The grammar narrowed to values that stand in this text; undefined where that is not worth it. */
export function copyingGrammar(schema: ToolsSchema, grammar: string, text: string): string | undefined {
  const meant = schema.tools.flatMap((tool) => [...parametersOf(tool).values()].flatMap((node) => {
    const chosen = new Set(choicesIn(node).map(String))
    return Object.keys(node.valueSynonyms).filter((value) => !chosen.has(value) && stands({ name: '', node, value }, text))
  }))
  return narrowed(grammar, text, [...new Set(meant)])
}

/** The user's text with misspelt words of the schema put right; undefined where there are none. */
export function otherReading(schema: ToolsSchema, text: string): string | undefined {
  const right = putRight(text, vocabulary(schema))
  return right === text ? undefined : right
}
