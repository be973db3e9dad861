import { createHash } from 'node:crypto'
import type { Row } from '../../dataset/row.ts'
import { unclear } from '../../teacher/beside.ts'
import { Random } from '../../teacher/random.ts'
import { asTyped } from '../../teacher/typing.ts'
import type { Brief } from '../family.ts'
import { honest } from '../orders.ts'
import { mostSuggestions } from './answer.ts'
import { suggestionLabel } from './completion.ts'
import type { Json } from './json.ts'
import { humanized, namesOn, type Phrase, type Tool } from './node.ts'
import { ambiguous, beside, groupsOf } from './offline/negatives.ts'
import { request, type Given, type Sentence } from './offline/request.ts'
import { say } from './offline/values.ts'
import { slotsOf } from './parse.ts'
import { completed, open, places } from './plan.ts'
import { findTool, type ToolsSchema } from './schema.ts'
import { vocabulary } from './words.ts'

interface Written extends Sentence {
  output: unknown
  /** What is meant, without its wording. */
  intent: string
  /** It holds values of its own; without any, one intent would hold a tool's whole share, so each phrasing counts as one. */
  free: boolean
}

/**
 * One example from the schema's own words and general English; no network, no model.
 * It depends on the brief's key and slice and on the seed alone, so an unchanged key is an unchanged example.
 */
export function writeOffline(schema: ToolsSchema, brief: Brief, seed: number): Row {
  const r = new Random(`${brief.key}/${seed}`)
  const { phrasing = 'plain', case: kind } = brief.slice
  const written = kind === 'positive' ? positive(schema, brief, r) : negative(schema, brief, r)
  return {
    id: brief.key.slice(0, 16),
    intent: createHash('sha256').update(written.free ? written.intent : `${written.intent}/${phrasing}`).digest('hex').slice(0, 16),
    instruction: asTyped(written.text, { question: written.question, phrasing, fillers: kind !== 'unclear', slips: true, known: vocabulary(schema) }, r.split('noise')),
    context: null,
    output: JSON.stringify(written.output),
    slice: brief.slice,
    source: 'offline',
  }
}

function positive(schema: ToolsSchema, { slice }: Brief, r: Random): Written {
  const tool = findTool(schema, slice.tool)!
  const uses = slice.uses ? slice.uses.split(', ') : []
  const phrase = fitting(tool, uses, r.split('phrase'))
  const given = [...give(tool, uses, r), ...declined(tool, uses, phrase, r.split('declined'))]
  const parameters = assembled(tool, given, phrase)
  const { text, question } = request(schema, tool, given, phrase, slice.phrasing!, r.split('words'))
  return { text, question, output: { name: tool.name, parameters, confidence: r.pick([0.9, 0.92, 0.93, 0.95, 0.95, 0.96, 0.97, 0.98]) }, intent: JSON.stringify([tool.name, parameters]), free: Object.keys(parameters).length > 0 }
}

const give = (tool: Tool, uses: readonly string[], r: Random): Given[] =>
  places(tool).filter(({ path }) => uses.includes(path)).map(({ path, node }) => ({ path, node, said: say(namesOn(path).at(-1)!, node, r.split(path)) }))

/** Now and then people say what they do not want: a switch that is off anyway. */
function declined(tool: Tool, uses: readonly string[], phrase: Phrase | undefined, r: Random): Given[] {
  const off = tool.parameters.filter(({ name, node }) => node.default === false && !uses.includes(name) && !Object.hasOwn(phrase?.parameters ?? {}, name))
  if (off.length === 0 || !r.chance(0.1)) return []
  const { name, node } = r.pick(off)
  return [{ path: name, node, said: { value: false, words: '', loose: false } }]
}

/** A phrase that says some of these parameters and no others, the fuller the likelier; none where none fits, and now and then otherwise. */
function fitting(tool: Tool, uses: readonly string[], r: Random): Phrase | undefined {
  const implied = ({ parameters }: Phrase) => Object.keys(parameters)
  const needed = completed(tool, []).filter((path) => !uses.includes(path))
  const found = tool.phrases.filter((phrase) => slotsOf(phrase.say).every((slot) => uses.includes(slot)) && needed.every((path) => implied(phrase).includes(namesOn(path)[0]!)) && !implied(phrase).some((name) => uses.some((path) => namesOn(path)[0] === name)))
  if (found.length === 0 || (needed.length === 0 && r.chance(0.22))) return undefined
  return r.weighted(found.map((phrase) => [phrase, 1 + 4 * slotsOf(phrase.say).length] as const))
}

/** The call's parameters in schema order, what the phrase implies among them. */
function assembled(tool: Tool, given: readonly Given[], phrase: Phrase | undefined): Record<string, Json> {
  const out: Record<string, Json> = {}
  for (const { name, node, required } of tool.parameters) {
    if (phrase && Object.hasOwn(phrase.parameters, name)) out[name] = phrase.parameters[name]!
    for (const { path, said } of given) if (namesOn(path)[0] === name) put(out, namesOn(path), said.value)
    if (required && node.shape.kind === 'object' && !Object.hasOwn(out, name)) out[name] = {}
  }
  return out
}

function put(target: Record<string, Json>, [first, ...rest]: string[], value: Json): void {
  if (rest.length === 0) target[first!] = value
  else put((target[first!] ??= {}) as Record<string, Json>, rest, value)
}

const clarification = (message: string, tools: readonly Tool[], r: Random) => ({
  type: 'clarification', message, suggestions: tools.map((tool) => ({ label: suggestionLabel(tool), command: tool.name })), confidence: r.pick([0.3, 0.35, 0.4, 0.4, 0.45]),
})

function negative(schema: ToolsSchema, { slice }: Brief, r: Random): Written {
  const made = (text: string, message: string, tools: readonly Tool[]): Written => ({ text, question: false, output: clarification(message, tools, r), intent: `${slice.case}/${text.toLowerCase()}`, free: true })
  switch (slice.case) {
    case 'off_topic':
      return made(beside(schema, r), `I can only help with ${schema.name}${honest(schema.description) ? `: ${schema.description}` : ''}.`, [])
    case 'unclear':
      return made(unclear(r), `What would you like to do with ${schema.name}?`, [])
    case 'ambiguous': {
      const group = groupsOf(schema).find(({ word }) => word === slice.uses)!
      return made(ambiguous(group, r), 'Which of these would you like to do?', group.tools.slice(0, mostSuggestions).map((name) => findTool(schema, name)!))
    }
    default: {
      const tool = findTool(schema, slice.tool)!
      const asked = slice.uses!
      // Other required ones are mostly said, an optional one now and then.
      const others = completed(tool, []).filter((path) => namesOn(path)[0] !== asked && r.chance(0.75))
      const optional = places(tool).filter(({ path }) => !completed(tool, []).includes(path) && !path.includes('.'))
      const whole = open(tool, new Set(others)).filter(([path]) => namesOn(path!)[0] !== asked).map((choices) => r.pick(choices))
      const uses = [...others, ...whole, ...(optional.length && r.chance(0.25) ? [r.pick(optional).path] : [])]
      const given = give(tool, uses, r)
      const { text, question } = request(schema, tool, given, undefined, slice.phrasing!, r.split('words'))
      return { text, question, output: clarification(`Which ${humanized(asked)} do you mean?`, [tool], r), intent: `missing/${tool.name}/${asked}/${JSON.stringify(given.map(({ said }) => said.value))}`, free: given.length > 0 }
    }
  }
}
