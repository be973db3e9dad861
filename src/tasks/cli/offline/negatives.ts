import { misspell } from '../../../teacher/noise.ts'
import { Random } from '../../../teacher/random.ts'
import { type CliSchema, findLeaf, type Leaf, leaves } from '../schema.ts'
import { distance, words } from './words.ts'

/** Leaves that one request may mean; `uses` names how and which: "bare: issue list, pr list". */
export interface Group { uses: string; leaves: Leaf[] }

const group = (how: string, found: Leaf[]): Group => ({ uses: `${how}: ${found.map((leaf) => leaf.path).join(', ')}`, leaves: found })

/** Reads a group back from `uses`. */
export function readGroup(schema: CliSchema, uses: string): { how: string; leaves: Leaf[] } {
  const at = uses.indexOf(': ')
  const paths = uses.slice(at + 2).split(', ').map((path) => path.split(' '))
  return { how: uses.slice(0, at), leaves: paths.map(([command, subcommand]) => findLeaf(schema, command, subcommand ?? null)!) }
}

/** Groups of leaves of different commands under the same verb: "list everything", "close 12", "issues and prs". */
export function multiples(schema: CliSchema): Group[] {
  const out: Group[] = []
  const byVerb = Map.groupBy(leaves(schema).filter((leaf) => leaf.subcommand && words(schema, leaf).nouns.length), (leaf) => leaf.subcommand!)
  for (const [, same] of byVerb) {
    if (same.length < 2) continue
    out.push(group('bare', same.slice(0, 3)))
    for (let i = 0; i + 1 < Math.min(same.length, 5); i++) out.push(group('named', [same[i]!, same[i + 1]!]))
    if (same.length > 2) out.push(group('named', same.slice(0, 3)))
    const numbered = same.filter((leaf) => words(schema, leaf).target?.type === 'integer')
    if (numbered.length > 1) out.push(group('value', numbered.slice(0, 3)))
    for (const [name, having] of Map.groupBy(same.filter((leaf) => words(schema, leaf).many).flatMap((leaf) => leaf.args.filter((arg) => !arg.positional && (arg.type === 'enum' || arg.format === 'user' || arg.format === 'label')).map((arg) => ({ leaf, arg: arg.name }))), (each) => each.arg)) {
      if (having.length > 1 && having.length < same.length) out.push(group(`with ${name}`, having.slice(0, 3).map((each) => each.leaf)))
    }
  }
  // Programs without shared subcommands: verbs that two or three leaves have in common.
  if (out.length < 4) {
    const byWord = Map.groupBy(leaves(schema).flatMap((leaf) => leaf.synonyms.filter((word) => /^[a-z]{3,}$/.test(word)).map((word) => ({ word, leaf }))), (each) => each.word)
    for (const [word, sharing] of byWord) if (sharing.length >= 2 && sharing.length <= 3 && !leaves(schema).some((leaf) => leaf.command === word)) out.push(group(`verb ${word}`, sharing.map((each) => each.leaf)))
  }
  return out
}

const cached = new WeakMap<CliSchema, Group[]>()

/** Misspelt names that stand equally near to two or three names in the same place; `how` is "typo as written" of the whole name part. */
export function typos(schema: CliSchema): Group[] {
  let found = cached.get(schema)
  if (!found) cached.set(schema, (found = findTypos(schema)))
  return found
}

function findTypos(schema: CliSchema): Group[] {
  const out = new Map<string, Group>()
  const add = (typo: string, found: Leaf[]) => {
    const made = group(typo, found)
    if (found.length >= 2 && found.length <= 3) out.set(made.uses, made)
  }
  const known = new Set(leaves(schema).flatMap((leaf) => [leaf.command, leaf.subcommand ?? '', ...leaf.parent.synonyms, ...leaf.synonyms].map((text) => text.toLowerCase())))
  const subs = new Set(schema.commands.flatMap((command) => command.subcommands.map((sub) => sub.name)))
  const places: { names: string[]; leafOf: (name: string) => Leaf; written: (typo: string) => string }[] = [
    { names: schema.commands.filter((command) => command.subcommands.length === 0).map((command) => command.name), leafOf: (name) => findLeaf(schema, name, null)!, written: (typo) => typo },
    ...[...subs].map((sub) => ({ names: schema.commands.filter((command) => command.subcommands.some((each) => each.name === sub)).map((command) => command.name), leafOf: (name: string) => findLeaf(schema, name, sub)!, written: (typo: string) => `${typo} ${sub}` })),
    ...schema.commands.map((command) => ({ names: command.subcommands.map((each) => each.name), leafOf: (name: string) => findLeaf(schema, command.name, name)!, written: (typo: string) => `${command.name} ${typo}` })),
  ]
  for (const { names, leafOf, written } of places) {
    for (const a of names) {
      for (const b of names) {
        if (a === b || distance(a, b) > 4 && !(a.slice(0, 2) === b.slice(0, 2))) continue
        const r = new Random(`typo/${a}/${b}`)
        const prefix = sharedPrefix(a, b)
        // Two slips that take the first letter away make other words: "fit", "sit".
        const twice = Array.from({ length: 50 }, () => misspell(misspell(a, r), r)).filter((typo) => typo[0] === a[0])
        const tries = [...(prefix.length >= 2 ? [prefix] : []), ...Array.from({ length: 50 }, () => misspell(a, r)), ...twice]
        let kept = 0
        for (const typo of new Set(tries)) {
          if (kept === mostTypos || typo.length < 2 || known.has(typo) || names.includes(typo)) continue
          const begun = names.filter((name) => name.startsWith(typo))
          const near = begun.length > 1 ? begun : nearest(typo, names)
          if (near.length < 2 || near.length > 3 || !near.includes(a)) continue
          add(written(typo), near.map(leafOf))
          kept++
        }
      }
    }
  }
  return [...out.values()]
}

/** Of one name that is near to another. */
const mostTypos = 8

/** Names as near to the typo as the nearest; among very short ones, and of names that begin alike (login, logout), also those one step further. */
function nearest(typo: string, names: string[]): string[] {
  const far = names.map((name) => distance(typo, name))
  const least = Math.min(...far)
  if (least > 2) return []
  const limit = typo.length <= 2 ? Math.max(least, Math.min(2, least + 1)) : least
  const alike = (name: string, i: number) => far[i]! <= Math.min(2, least + 1) && sharedPrefix(name, typo).length >= 3
  return names.filter((name, i) => (far[i]! <= limit || alike(name, i)) && [...name].filter((letter) => typo.includes(letter)).length * 2 >= Math.min(name.length, 4))
}

function sharedPrefix(a: string, b: string): string {
  let i = 0
  while (i < a.length && a[i] === b[i]) i++
  return a.slice(0, i)
}
