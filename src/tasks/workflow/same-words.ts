import { escapeRegExp } from '../../text.ts'
import { timesSaid } from '../augment/rewording.ts'
import { findAction, findParameter, type Action, type WorkflowSchema } from './schema.ts'

/** The words of a phrase before its first slot, and the choices among them. */
interface Opening { pattern: RegExp; choices: string[][] }

/** What stands in the words of a request as it was typed; values are guarded (teacher/noise.ts). */
const guardedNext = ['file', 'url', 'column', 'columns', 'integer', 'value', 'text']

/** Choices with slots in them would have to be said anew. */
const plainChoice = /^[A-Za-z][\w' ]*$/

/**
 * Words of a request for this action that the phrases of the schema choose among, each with the others: "load" in "load orders.csv" with "read" and
 * "open", but not in "a load of rows". Only the words before the first value of a phrase: they say what is to be done with it.
 */
export function sameWordsIn(schema: WorkflowSchema, action: string, guarded: string): string[][] {
  const text = guarded.replace(/\s+/g, ' ')
  const known = findAction(schema, action)
  return (known ? openingsOf(known) : []).flatMap(({ pattern, choices }) => {
    const found = pattern.exec(text)
    return (found?.slice(1) ?? []).flatMap((said, i) => {
      const words = said?.trim().toLowerCase() ?? ''
      const group = choices[i]!
      return group.includes(words) && timesSaid(text, [words]) === 1 ? [group] : []
    })
  })
}

const openings = new WeakMap<Action, Opening[]>()

function openingsOf(action: Action): Opening[] {
  let found = openings.get(action)
  if (!found) openings.set(action, (found = action.phrases.flatMap(({ say }) => openingOf(action, say) ?? [])))
  return found
}

function openingOf(action: Action, say: string): Opening | undefined {
  const [, before = '', slot] = /^((?:[^{[]|\[[^\]]*\])*)(?:\{(\w+))?/.exec(say)!
  const choices: string[][] = []
  const parts = before.split(/\[([^\]]*)\]/)
  if (before.trim() === '' || parts.some((part, i) => i % 2 === 1 && part.includes('{'))) return undefined
  const body = parts.map((part, i) => {
    if (i % 2 === 0) return spaced(part)
    const all = part.split('|')
    choices.push([...new Set(all.map((each) => each.trim().toLowerCase()).filter((each) => plainChoice.test(each)))])
    return `(${all.map(spaced).join('|')})`
  })
  const type = slot === undefined ? undefined : findParameter(action, slot)?.type
  return { pattern: new RegExp(`(?<![\\w'-])${body.join('')}${guardedNext.includes(type ?? '') ? '["\'`]?(?=\\uE000)' : "(?![\\w'-])"}`, 'i'), choices }
}

/** A choice may leave out the space beside it. */
const spaced = (words: string): string => words.split(/ +/).map(escapeRegExp).join(' ?')

/** Words that phrases begin with too, and that no "please" fits before. */
const noVerb = /^(?:all|any|both|each|every|everyone|everything|everybody|anyone|anything|anybody|how|into|just|only|our|out|that|the|them|then|there|this|those|until|upon|what|when|where|whether|which|who|with|without|nothing|per|once)$/

const verbs = new WeakMap<WorkflowSchema, ReadonlySet<string>>()

/** Words with which a phrase of the schema begins, in small letters. */
export function leadingVerbs(schema: WorkflowSchema): ReadonlySet<string> {
  let found = verbs.get(schema)
  if (!found) {
    const firsts = schema.actions.flatMap(({ phrases }) => phrases.flatMap(({ say }) => (/^\[([^\]]*)\]/.exec(say)?.[1]?.split('|') ?? [say]).map((words) => /^[a-z]+(?= |$)/.exec(words)?.[0] ?? '')))
    verbs.set(schema, (found = new Set(firsts.filter((word) => word.length > 2 && !noVerb.test(word)))))
  }
  return found
}
