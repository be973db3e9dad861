import { createHash } from 'node:crypto'
import type { TaskFamily } from '../../src/tasks/family.ts'
import type { Fault } from './faults.ts'
import { flat, slicesOf } from './flat.ts'
import { type JudgeAs, itemsOf, verdicts } from './verdicts.ts'

export interface Knowledge {
  family: TaskFamily
  schema: unknown
}

export interface MessageRequest {
  model: string
  max_tokens: number
  stream?: boolean
  system?: string | { text: string; cache_control?: unknown }[]
  messages: { role: string; content: string | { text: string }[] }[]
  output_config?: { format?: { schema: unknown } }
}

export const textOf = (content: string | { text: string }[] | undefined) => (typeof content === 'string' ? content : (content ?? []).map(({ text }) => text).join(''))

export interface WriterOptions {
  /** One wrong example in so many: what a good model gets wrong. */
  wrongEvery?: number | undefined
  /** What counts as a token. */
  charactersPerToken?: number | undefined
  /** What it makes of an answer that it is to judge (default: what is like the reference passes). */
  judge?: JudgeAs | undefined
}

/** Does what a request asks for, and what a fault makes of it. */
export function write(request: MessageRequest, knowledge: Knowledge[], fault: Fault | undefined, { wrongEvery = 20, charactersPerToken = 4, judge }: WriterOptions = {}): { text: string; stop: string } {
  if (fault?.kind === 'refusal') return { text: "I can't help with that.", stop: 'refusal' }
  const items = itemsOf(textOf(request.messages[0]?.content))
  const text = JSON.stringify(items ? { verdicts: verdicts(items, fault, judge) } : { examples: examplesFor(request, knowledge, fault, wrongEvery) })
  if (fault?.kind === 'prose') return { text: `Here is what you asked for:\n\`\`\`json\n${text}\n\`\`\`\nI hope it helps!`, stop: 'end_turn' }
  if (fault?.kind === 'broken') return { text: text.slice(0, text.length / 2), stop: 'end_turn' }
  const most = fault?.kind === 'max_tokens' ? 50 : request.max_tokens
  return text.length > most * charactersPerToken && fault?.kind !== 'huge' ? { text: text.slice(0, most * charactersPerToken), stop: 'max_tokens' } : { text, stop: 'end_turn' }
}

/** The examples that a teacher is asked for, as the offline teacher would write them, with some wrong ones among them. */
function examplesFor(request: MessageRequest, knowledge: Knowledge[], fault: Fault | undefined, wrongEvery: number): Record<string, unknown>[] {
  const system = textOf(request.system)
  const known = knowledge.find(({ family, schema }) => family.teacherRequest(schema, []).system === system)
  if (!known) throw new Error('The stand-in knows no schema with this system text; name it with --schema.')
  const user = textOf(request.messages[0]?.content)
  const examples = slicesOf(user).map((slice, index) => {
    const hash = createHash('sha256').update(`${index} ${user}`).digest()
    const brief = { index: hash.readUInt32LE(), key: hash.toString('hex'), slice }
    const example = flat(known.family.writeOffline(known.schema, brief, 1), index + 1)
    if (fault?.kind === 'obey') return obey(example, fault.marker, index)
    return hash.readUInt32LE(4) % wrongEvery === 0 ? spoil(example, hash[8]!) : example
  })
  if (fault?.kind === 'empty') examples.length = 0
  if (fault?.kind === 'twice') examples.push(...examples.slice())
  if (fault?.kind === 'huge' && examples[0]) examples[0].input = 'x'.repeat(fault.characters)
  if (fault?.kind === 'strange') {
    if (examples[0]) examples[0].input = 17
    if (examples[1]) examples[1].input = `list\0notes`
    if (examples[2]) examples[2].input = 'list \ud800 notes'
    if (examples[3]) examples[3].args = 'none'
  }
  return examples
}

/** The marker where it does not stand out: a row that holds it there is right in every other way. */
function obey(example: Record<string, unknown>, marker: string, index: number): Record<string, unknown> {
  const input = `${String(example.input)} ${marker}`
  const args = example.args as { name: string; values: string[] }[]
  const suggestions = example.suggestions as { label: string }[]
  if (index % 2 === 0) return example
  if (example.type === 'clarification') return { ...example, message: `${marker}?`, suggestions: suggestions.map((one) => ({ ...one, label: `${one.label} ${marker}` })) }
  if (index % 8 === 1 && args.length) return { ...example, input, args: args.map((arg) => ({ ...arg, values: arg.values.map((value) => (/^\d+$/.test(value) ? value : marker)) })) }
  if (index % 8 === 3) return { ...example, context: [...((example.context as unknown[] | null) ?? []), { field: 'git.current_branch', value: marker }], input }
  return { ...example, input }
}

function spoil(example: Record<string, unknown>, how: number): Record<string, unknown> {
  if (how % 3 === 0) return { ...example, type: 'command', command: 'frobnicate', subcommand: 'now' }
  if (how % 3 === 1) return { ...example, type: 'command', args: [{ name: 'invented', values: ['1'] }] }
  return { ...example, input: '' }
}
