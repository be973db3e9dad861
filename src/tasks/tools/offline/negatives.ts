import { offTopic } from '../../../teacher/beside.ts'
import { everyday, verbSynonyms } from '../../../teacher/english.ts'
import type { Random } from '../../../teacher/random.ts'
import { mostSuggestions } from '../answer.ts'
import { humanized, type Tool } from '../node.ts'
import type { ToolsSchema } from '../schema.ts'
import { wordingsOf } from '../words.ts'

/** A word that names several tools: a verb ("cancel") or a thing ("timer"). */
export interface Group {
  word: string
  verb: boolean
  /** Names, in schema order; the first ones are suggested. */
  tools: string[]
}

const cached = new WeakMap<ToolsSchema, Group[]>()

/** Words of the tools' names that two tools share, but not most of them. */
export function groupsOf(schema: ToolsSchema): Group[] {
  let found = cached.get(schema)
  if (!found) {
    const byWord = new Map<string, Group>()
    for (const tool of schema.tools) {
      ownWords(schema, tool).forEach((word, i) => {
        const key = word.replace(/s$/, '')
        const group = byWord.get(key) ?? { word: key, verb: true, tools: [] }
        group.verb &&= i === 0
        if (!group.tools.includes(tool.name)) group.tools.push(tool.name)
        byWord.set(key, group)
      })
    }
    found = [...byWord.values()].filter(({ word, tools }) => word.length > 2 && tools.length > 1 && tools.length <= Math.max(mostSuggestions, schema.tools.length / 2))
    cached.set(schema, found)
  }
  return found
}

/** The words of a tool's name, without one with which all names begin ("git_push"). */
export function ownWords(schema: ToolsSchema, tool: Tool): string[] {
  const words = humanized(tool.name).split(' ')
  const common = schema.tools.length > 2 && words.length > 1 && schema.tools.every(({ name }) => humanized(name).split(' ')[0] === words[0])
  return common ? words.slice(1) : words
}

/** A request that several tools fit. */
export function ambiguous({ word, verb }: Group, r: Random): string {
  if (verb) {
    const known = verbSynonyms[word]
    const said = known && r.chance(0.3) ? r.pick(known.filter((each) => !each.includes(' me'))) : word
    const it = () => r.pick(['it', 'that', 'this', 'one', 'something', 'the thing', 'that one', 'the last one', 'it all', 'everything', 'them'])
    return r.weighted([
      [`${said} ${it()}`, 6], [`${said} ${it()} ${r.pick(['now', 'for me', 'again', 'please', 'then'])}`, 2], [said, 1.5], [`${r.pick(['i want to', 'i need to', 'can you', 'could you', 'please', "let's"])} ${said} ${it()}`, 5],
    ] as const)
  }
  const thing = r.chance(0.3) ? `${word}s` : word
  return r.weighted([
    [`${r.pick(['do something', 'help me', 'help', 'work', 'deal', 'i need help', 'what can i do', 'something'])} with ${r.pick(['the ', 'my ', 'a ', ''])}${thing}`, 5], [`${thing} ${r.pick(['stuff', 'things', 'please', 'help', 'options', 'settings', 'thing'])}`, 3],
    [`${r.pick(['i want to', 'i need to', 'can you', 'let me'])} ${r.pick(['do something with', 'use', 'manage', 'handle', 'change something about'])} ${r.pick(['the ', 'my ', ''])}${thing}`, 4],
    [`${r.pick(['something about', 'about', 'it is about', 'regarding', 'the', 'my'])} ${r.pick(['the ', 'my ', ''])}${thing}`.replace(/\b(the|my) (the|my) /, '$1 '), 2], [thing, 2], [`${thing}, ${r.pick(['what are my options', 'what can i do', 'what now', 'please'])}`, 1],
  ] as const)
}

const topicWords = new WeakMap<ToolsSchema, Set<string>>()

/** Small talk and the world, without what these tools may well be asked. */
export function beside(schema: ToolsSchema, r: Random): string {
  let words = topicWords.get(schema)
  if (!words) {
    const texts = schema.tools.flatMap((tool) => [tool.description, ...wordingsOf(tool)])
    topicWords.set(schema, (words = new Set(texts.flatMap((text) => text.toLowerCase().match(/[a-z]{3,}/g) ?? []).map((word) => word.replace(/s$/, '')).filter((word) => !everyday.has(word) && !harmless.has(word)))))
  }
  const isOurs = (text: string) => (text.toLowerCase().match(/[a-z]{3,}/g) ?? []).some((word) => words.has(word.replace(/s$/, '')))
  let text = offTopic(r)
  for (let attempt = 0; attempt < 40 && isOurs(text); attempt++) text = offTopic(r)
  return text
}

/** Words of many requests that say nothing of their topic. */
const harmless = new Set('monday tuesday wednesday thursday friday saturday sunday today tomorrow tonight noon minute hour number'.split(' '))
