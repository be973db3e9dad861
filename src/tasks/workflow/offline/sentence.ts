import { gerund } from '../../../teacher/english.ts'
import type { Random } from '../../../teacher/random.ts'

/** Words that lead into the next step: "from orders.csv, …". */
const leading = /^(from|using|with|in|after) /
/** Words that follow what stands before: "… where status is active". */
const trailing = /^(where|sorted|ordered|ranked|without|minus|leaving out|not showing|with a delay) /
/** Words that begin no sentence of their own kind: no "please" fits before them. */
const finite = /^(?:(?:the|a|an|only|just|all|top|no|nothing|if|when|for|each|every|should|on|in|case|upon|row|where|everything|I|we|one|give it|first|start:|there is|our data|it is|duplicates|double|doubles|here is|not any|how many|what is|what was|by|to begin|don't|do not|per|once)(?![a-z])|[^a-z])/

export const needsNeighbour = (part: string): boolean => leading.test(part) || trailing.test(part)

const capital = (text: string) => text.replace(/^[a-z]/, (letter) => letter.toUpperCase())

/** Parts in their order as one request. */
export function joined(parts: readonly string[], r: Random, precise: boolean): string {
  if (parts.length === 1) return parts[0]!
  const [first, ...rest] = parts as [string, ...string[]]
  // "sort by price in orders.csv": what is read may be said last.
  if (leading.test(first) && rest.length === 1 && r.chance(0.4) && !/[.?]$/.test(rest[0]!)) return `${rest[0]} ${first}`
  const style = r.weighted([['and', 6], ['then', 4], ['sentences', 3], ['ordered', 2], ['semicolons', precise ? 0 : 1], ['arrows', precise ? 0 : 0.7], ['numbers', 0.5], ['after', parts.length === 2 ? 1.5 : 0]] as const)
  if (style === 'after' && /^[a-z]+ /.test(first) && !needsNeighbour(first) && !needsNeighbour(rest[0]!) && !finite.test(first)) return r.chance(0.6) ? `after ${gerund(first)}, ${rest[0]}` : `${rest[0]} after ${gerund(first)}`
  if (style === 'numbers') return parts.map((part, i) => `${i + 1}. ${part}`).join(r.pick([' ', '; ', ', ']))
  let text = first
  for (const [index, part] of rest.entries()) {
    const last = index === rest.length - 1
    const before = index === 0 ? first : rest[index - 1]!
    if (trailing.test(part)) text += `${r.chance(0.4) ? ',' : ''} ${part}`
    else if (leading.test(before) && index === 0) text += `${r.chance(0.75) ? ',' : ''} ${part}`
    else text += between(style, last, r) + (style === 'sentences' ? capital(part) : part)
  }
  if (style === 'ordered' && !finite.test(first)) return `${r.pick(['first', 'first,', 'start: ', 'to begin,'])} ${text}`
  return style === 'sentences' ? capital(text) : text
}

function between(style: string, last: boolean, r: Random): string {
  switch (style) {
    case 'and': return last ? r.pick([' and ', ' and ', ', and ', ' and then ']) : r.pick([', ', ', ', ' and ', ', then '])
    case 'then': return r.pick([', then ', ' then ', ' and then ', ', and then ', ', after that ', ', next '])
    case 'sentences': return r.pick(['. ', '. ', '. Then ', '. After that, ', '. Also ', '. Next, '])
    case 'ordered': return last ? r.pick([' and finally ', ', finally ', ', and last ', ', at the end ']) : r.pick([', then ', ', next ', ', second, '])
    case 'semicolons': return '; '
    case 'arrows': return r.pick([' -> ', ' => ', ' | ', ' > '])
    default: return ', '
  }
}

const frames: Record<string, readonly string[]> = {
  polite: ['please', 'can you', 'could you', 'could you please', 'would you', 'kindly', 'can you please', 'please go ahead and'],
  want: ['i want to', 'i need to', "i'd like to", 'we need to', 'we have to', 'i would like you to', 'help me', 'i want you to', 'let us', "let's", 'we want to', 'you should'],
  workflow: ['build a workflow to', 'make a workflow to', 'create a pipeline to', 'i need a workflow to', 'a workflow to', 'write a workflow to', 'set up a job to', 'the task is to', 'make a flow that should', 'workflow:', 'a job that has to', 'automate this:', 'write a workflow that will'],
  question: ['how do i', 'how can i', 'can we', 'is it possible to', 'could we', 'how would i'],
}
export const phrasings = ['plain', 'plain', 'plain', 'casual', 'casual', 'polite', 'want', 'workflow', 'question', 'precise'] as const

/** The sentence around a request, as its phrasing asks. */
export function framed(text: string, phrasing: string, r: Random): { text: string; question: boolean } {
  const choices = frames[phrasing]
  if (!choices || finite.test(text) || /^[A-Z\d]/.test(text) || leading.test(text)) return { text: phrasing === 'precise' ? `${capital(text)}${/[.?]$/.test(text) || r.chance(0.4) ? '' : '.'}` : text, question: false }
  return { text: `${r.pick(choices)} ${text}`, question: phrasing === 'question' || (phrasing === 'polite' && r.chance(0.4)) }
}
