import { createHash } from 'node:crypto'
import { Random } from '../../teacher/random.ts'
import { endless, shares } from '../dealing.ts'
import type { Brief, PlanOptions } from '../family.ts'
import { groupsOf } from './offline/negatives.ts'
import { slotsOf } from './parse.ts'
import { askable, findTool, type ToolsSchema } from './schema.ts'
import { namesOn, pathOf, type Node, type Property, type Tool } from './node.ts'

/** Raised when the offline teacher or the plan would write other rows for the same schema. */
const version = 2

/** How a request may be worded; the commonest stand several times. */
const phrasings = ['plain', 'plain', 'plain', 'plain', 'terse', 'terse', 'casual', 'casual', 'question', 'want', 'polite', 'precise', 'indirect'] as const

/** Shares of the negative rows. */
const negatives = [['missing_required', 35], ['off_topic', 25], ['ambiguous', 22], ['unclear', 18]] as const

/** A parameter that has a value of its own, by its path. */
export interface Place {
  path: string
  node: Node
  /** Must be there whenever the objects around it are. */
  required: boolean
}

const placesOf = new WeakMap<Tool, Place[]>()

/** Every parameter that is no object, in schema order. */
export function places(tool: Tool): Place[] {
  let found = placesOf.get(tool)
  if (!found) {
    const enter = (properties: readonly Property[], before: string): Place[] => properties.flatMap(({ name, node, required }) =>
      (node.shape.kind === 'object' ? enter(node.shape.properties, pathOf(before, name)) : [{ path: pathOf(before, name), node, required }]))
    placesOf.set(tool, (found = enter(tool.parameters, '')))
  }
  return found
}

/** Of every object that must have one of its properties, whichever, and has none of these paths, all that it could have. */
export function open(tool: Tool, paths: ReadonlySet<string>): string[][] {
  const enter = (properties: readonly Property[], before: string, there: boolean): string[][] => properties.flatMap(({ name, node, required }) => {
    const path = pathOf(before, name)
    if (node.shape.kind !== 'object') return []
    const inside = [...paths].some((each) => each.startsWith(`${path}.`))
    const own = node.shape.properties.filter((property) => property.node.shape.kind !== 'object').map((property) => pathOf(path, property.name))
    const wanting = there && required && !inside && node.shape.least > 0 && own.length ? [own] : []
    return [...wanting, ...enter(node.shape.properties, path, inside || (there && required))]
  })
  return enter(tool.parameters, '', true)
}

/** These paths, and those without which they or the whole call would not be allowed, in schema order. */
export function completed(tool: Tool, paths: Iterable<string>): string[] {
  const wanted = new Set(paths)
  const enter = (properties: readonly Property[], before: string, there: boolean): string[] => properties.flatMap(({ name, node, required }) => {
    const path = pathOf(before, name)
    if (node.shape.kind !== 'object') return wanted.has(path) || (there && required) ? [path] : []
    const inside = (there && required) || [...wanted].some((each) => each.startsWith(`${path}.`))
    return inside ? enter(node.shape.properties, path, true) : []
  })
  return enter(tool.parameters, '', true)
}

/**
 * What to ask the teacher for: 10 rows for each parameter of a tool and 40 besides, or as many as told; 80% calls, 20% requests that must
 * be asked back, spread evenly over phrasings, parameters and cases. A brief's slice holds `uses`: the parameters that are given
 * (positive), the missing one (missing_required) or the word that fits several tools (ambiguous).
 */
export function plan(schema: ToolsSchema, { count, seed }: PlanOptions): Brief[] {
  const total = count ?? usualCount(schema)
  const positive = Math.round(total * 0.8)
  const briefs: Brief[] = []
  const add = (slice: Record<string, string>, ordinal: number, touches: unknown) => {
    const key = createHash('sha256').update(JSON.stringify([version, seed, slice, ordinal, touches])).digest('hex')
    briefs.push({ index: briefs.length, key, slice })
  }
  const quotas = shares(positive, schema.tools.map(weightOf))
  schema.tools.forEach((tool, i) => {
    const deal = dealer(new Random(`${seed}/${tool.name}`), tool)
    for (let ordinal = 0; ordinal < quotas[i]!; ordinal++) add(deal(), ordinal, tool)
  })
  const cases = negatives.map(([name, weight]) => [name, weight, cells(schema, name)] as const).filter(([, , found]) => found.length > 0)
  const quota = shares(total - positive, cases.map(([, weight]) => weight))
  cases.forEach(([name, , found], i) => {
    shares(quota[i]!, found.map(() => 1)).forEach((rows, k) => {
      const cell = found[k]!
      const deck = endless(new Random(`${seed}/${name}/${cell.tool}/${cell.uses}`), [...phrasings])
      for (let ordinal = 0; ordinal < rows; ordinal++) add({ tool: cell.tool, case: name, phrasing: name === 'off_topic' || name === 'unclear' ? 'plain' : deck(), arguments: 'none', uses: cell.uses }, ordinal, cell.touches)
    })
  })
  return briefs
}

const weightOf = (tool: Tool) => 4 + places(tool).length

/** How many briefs a plan has unless told otherwise. */
export const usualCount = (schema: ToolsSchema): number => 10 * schema.tools.reduce((sum, tool) => sum + weightOf(tool), 0)

/** Positive cells of one tool, one at a time: who comes next does not depend on how many are dealt. */
function dealer(r: Random, tool: Tool): () => Record<string, string> {
  const optional = places(tool).map(({ path }) => path).filter((path) => !completed(tool, []).includes(path))
  const needed = completed(tool, []).length
  const phrasing = endless(r.split('phrasing'), [...phrasings])
  const focus = endless(r.split('focus'), optional.length ? optional : [''])
  const amount = endless(r.split('amount'), [0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2, 2, 3])
  const phrase = endless(r.split('phrase'), tool.phrases.length ? tool.phrases : [undefined])
  return () => {
    const names = new Set<string>()
    // Half of the cells fit a whole phrase of the schema, most of these without anything else.
    const said = r.chance(0.55) ? phrase() : undefined
    for (const slot of said ? slotsOf(said.say) : []) names.add(slot)
    const wanted = said && r.chance(0.75) ? 0 : Math.min(amount(), optional.length)
    const free = () => optional.filter((path) => !names.has(path) && !Object.hasOwn(said?.parameters ?? {}, namesOn(path)[0]!))
    const first = wanted > 0 ? focus() : undefined
    if (first !== undefined && free().includes(first)) names.add(first)
    for (let more = names.size && first ? 1 : 0; more < wanted && free().length; more++) names.add(r.pick(free()))
    for (const choices of open(tool, names)) if (!Object.hasOwn(said?.parameters ?? {}, namesOn(choices[0]!)[0]!)) names.add(r.pick(choices))
    // What a phrase implies is not said beside it.
    const uses = completed(tool, names).filter((path) => names.has(path) || !Object.hasOwn(said?.parameters ?? {}, namesOn(path)[0]!))
    const extra = uses.length - needed
    return { tool: tool.name, case: 'positive', phrasing: phrasing(), arguments: extra <= 0 ? 'none' : extra === 1 ? 'one' : extra === 2 ? 'two' : 'three or more', uses: uses.join(', ') }
  }
}

interface Cell { tool: string; uses: string; touches: unknown }

function cells(schema: ToolsSchema, name: (typeof negatives)[number][0]): Cell[] {
  switch (name) {
    case 'missing_required':
      return schema.tools.flatMap((tool) => askable(tool).map((property) => ({ tool: tool.name, uses: property.name, touches: tool })))
    case 'ambiguous':
      return groupsOf(schema).map(({ word, tools }) => ({ tool: '-', uses: word, touches: tools.map((each) => findTool(schema, each)) }))
    default:
      return [{ tool: '-', uses: '', touches: [schema.name, schema.description, schema.tools.map((tool) => [tool.name, tool.synonyms, tool.phrases])] }]
  }
}
