import { createHash } from 'node:crypto'
import { Random } from '../../teacher/random.ts'
import { endless, share, shares } from '../dealing.ts'
import type { Brief, PlanOptions } from '../family.ts'
import { multiples, typos } from './offline/negatives.ts'
import { askable, type CliSchema, type Command, conflict, contextFields, type Leaf, leaves } from './schema.ts'

/** Raised when the offline teacher or the plan would write other rows for the same schema. */
const version = 9

/** How a request may be worded; the commonest stand several times. */
const phrasings = ['plain', 'plain', 'plain', 'terse', 'terse', 'terse', 'casual', 'casual', 'question', 'question', 'want', 'want', 'noun first', 'noun first', 'polite', 'polite', 'command line', 'precise', 'indirect'] as const

/** Shares of the negative rows (the specification names the six cases, not their sizes). */
const negatives = [['missing_required', 25], ['ambiguous', 20], ['off_topic', 18], ['typo_ambiguity', 13], ['unclear', 12], ['multiple', 12]] as const

/** "number from context": the argument is named by the context, not by a value. */
export const fromContext = (name: string) => `${name} from context`

/**
 * What to ask the teacher for: 10 rows for each option of a leaf and 40 besides, some 100 in all (the specification counts about 3,000 for
 * 30 subcommands), or as many as told; 60% positive with context, 20% positive without, 20% negative, spread evenly over phrasings, arguments and cases.
 * A brief's slice holds `uses`, the arguments and flags (positive), the missing argument (missing_required) or the candidates (multiple, typo_ambiguity).
 */
export function plan(schema: CliSchema, { count, seed }: PlanOptions): Brief[] {
  const all = leaves(schema)
  const weights = all.map(weightOf)
  const total = count ?? usualCount(schema)
  const positive = Math.round(total * 0.8)
  const withContext = contextFields(schema).length ? Math.round(total * 0.6) : 0
  const briefs: Brief[] = []
  const add = (slice: Record<string, string>, ordinal: number, touches: unknown) => {
    const key = createHash('sha256').update(JSON.stringify([version, seed, slice, ordinal, touches])).digest('hex')
    briefs.push({ index: briefs.length, key, slice })
  }
  const quotas = { context: shares(withContext, weights), none: shares(positive - withContext, weights) }
  all.forEach((leaf, i) => {
    const touches = [leaf.command, leaf.subcommand, leaf.description, leaf.synonyms, leaf.phrases, wordedArgs(leaf), leaf.flags, leaf.exclusive, leaf.parent.synonyms, schema.context, schema.cli_name]
    for (const context of [true, false]) {
      const quota = quotas[context ? 'context' : 'none'][i]!
      const deal = dealer(new Random(`${seed}/${leaf.path}/${context}`), leaf, schema)
      for (let ordinal = 0; ordinal < quota; ordinal++) add(deal(context), ordinal, touches)
    }
  })
  const cases = negatives.map(([name, weight]) => [name, weight, cells(schema, name)] as const).filter(([, , found]) => found.length > 0)
  const whole = cases.reduce((sum, [, weight]) => sum + weight, 0)
  let left = total - positive
  cases.forEach(([name, weight, found], i) => {
    const rows = i === cases.length - 1 ? left : Math.min(left, Math.round(((total - positive) * weight) / whole))
    left -= rows
    found.forEach((cell, j) => {
      const r = new Random(`${seed}/${name}/${cell.command}/${cell.uses}`)
      const quota = share(rows, found.length, j)
      const deck = endless(r, [...phrasings])
      for (let ordinal = 0; ordinal < quota; ordinal++) {
        const context = contextFields(schema).length === 0 ? 'none' : r.weighted([['full', cell.deictic ? 0 : 4], ['partial', contextFields(schema).length > 1 ? 3 : 0], ['none', 3]] as const)
        add({ command: cell.command, case: name, context, phrasing: name === 'off_topic' || name === 'unclear' ? 'plain' : deck(), arguments: 'none', uses: cell.uses }, ordinal, cell.touches)
      }
    })
  })
  return briefs
}

const weightOf = (leaf: Leaf) => 4 + leaf.args.length + leaf.flags.length

/** How many briefs a plan has unless told otherwise. */
export const usualCount = (schema: CliSchema): number => 10 * leaves(schema).reduce((sum, leaf) => sum + weightOf(leaf), 0)

/** Positive cells of one leaf, one at a time: who comes next does not depend on how many are dealt. */
function dealer(r: Random, leaf: Leaf, schema: CliSchema) {
  const fields = contextFields(schema)
  const required = leaf.args.filter((arg) => arg.required)
  const target = leaf.args.find((arg) => arg.positional && arg.context)
  const optional = [...leaf.args.filter((arg) => !arg.required && arg !== target).map((arg) => arg.name), ...leaf.flags.map((flag) => flag.name)]
  // The first positional says what it is about: it is named more often than any option.
  const subject = leaf.args.find((arg) => arg.positional && !arg.required && arg !== target)
  const mine = leaf.args.find((arg) => !arg.required && arg.value_synonyms['@me'])
  const phrasing = endless(r.split('phrasing'), [...phrasings])
  const focus = endless(r.split('focus'), optional.length ? optional : [''])
  const amount = endless(r.split('amount'), [0, 0, 0, 1, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3])
  const contexts = endless(r.split('context'), fields.length > 1 ? ['full', 'full', 'partial'] : ['full'])
  const targets = endless(r.split('target'), ['given', 'given', 'given', 'context', 'context'])
  return (withContext: boolean): Record<string, string> => {
    const context = withContext ? contexts() : 'none'
    const wanted = Math.min(amount(), optional.length)
    const names = new Set<string>()
    const fits = (name: string) => !conflict(leaf, [...names, name, ...required.map((arg) => arg.name)])
    const first = wanted > 0 ? focus() : undefined
    if (first !== undefined && fits(first)) names.add(first)
    while (names.size < wanted) {
      const free = optional.filter((name) => !names.has(name) && fits(name))
      if (free.length === 0) break
      names.add(r.pick(free))
    }
    // "My open pull requests" is what people list most.
    if (mine && r.chance(0.3) && fits(mine.name)) names.add(mine.name)
    // A search for nothing reads like a list.
    if (subject && r.chance(/^(search|find)$/.test(leaf.command) ? 0.85 : 0.5) && fits(subject.name)) names.add(subject.name)
    // A positional can only be typed after the ones before it.
    const positionals = leaf.args.filter((arg) => arg.positional)
    const last = positionals.findLastIndex((arg) => names.has(arg.name))
    for (const arg of positionals.slice(0, Math.max(last, 0))) if (!arg.required && arg !== target) names.add(arg.name)
    const uses = [...required.filter((arg) => arg !== target).map((arg) => arg.name), ...[...names].map((name) => optionFromContext(name, leaf, withContext, r))]
    if (target) {
      const how = targets()
      if (how === 'given' || (last > positionals.indexOf(target) && !withContext) || (!withContext && (target.required || r.chance(0.75)))) uses.unshift(target.name)
      else if (withContext && (context === 'full' || target.required || last > positionals.indexOf(target) || r.chance(0.7))) uses.unshift(fromContext(target.name))
    }
    const extra = uses.length - required.length
    return { command: leaf.path, case: 'positive', context, phrasing: phrasing(), arguments: extra <= 0 ? 'none' : extra === 1 ? 'one' : extra === 2 ? 'two' : 'three or more', uses: uses.join(', ') }
  }
}

function optionFromContext(name: string, leaf: Leaf, withContext: boolean, r: Random): string {
  const arg = leaf.args.find((each) => each.name === name)
  return withContext && arg?.context && !arg.positional && r.chance(0.45) ? fromContext(name) : name
}

interface Cell { command: string; uses: string; touches: unknown; deictic?: boolean }

function cells(schema: CliSchema, name: (typeof negatives)[number][0]): Cell[] {
  const what = [schema.cli_name, schema.description]
  switch (name) {
    case 'ambiguous':
      return schema.commands.filter((command) => command.subcommands.length > 1).map((command) => ({ command: command.name, uses: '', touches: [command.name, command.synonyms, command.description, command.subcommands.slice(0, 3).map((sub) => [sub.name, sub.description])] satisfies unknown[] }))
    case 'missing_required':
      return leaves(schema).flatMap((leaf) => askable(leaf).map((arg) => ({ command: leaf.path, uses: arg.name, deictic: Boolean(arg.context), touches: leafPart(leaf) })))
    case 'multiple':
      return multiples(schema).map((group) => ({ command: '-', uses: group.uses, touches: group.leaves.map(leafPart) }))
    case 'typo_ambiguity':
      return typos(schema).map((group) => ({ command: '-', uses: group.uses, touches: group.leaves.map(leafPart) }))
    default:
      return [{ command: '-', uses: '', touches: what }]
  }
}

/** Arguments without what only their place on the command line depends on: examples stay when that changes. */
const wordedArgs = (leaf: Leaf) => leaf.args.map(({ after_dashes: _, joined: __, ...worded }) => worded)

const leafPart = (leaf: Leaf) => [leaf.path, leaf.description, leaf.synonyms, wordedArgs(leaf), leaf.flags, leaf.exclusive, (leaf.parent as Command).synonyms]
