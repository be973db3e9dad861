import { closest } from '../../../text.ts'
import { leaves, type CliSchema } from '../schema.ts'
import { saidOfEveryProgram, type HelpPage } from './page.ts'
import { treeOf, type HelpPages } from './schema.ts'

export interface HelpDifference {
  /**
   * In the schema and not in the program, or the other way round; an option of many commands that no help shows may be one that all have. Of a
   * command whose help could not be read, nothing more is known.
   */
  kind: 'not in the program' | 'not in the schema' | 'perhaps of all commands' | 'could not be read'
  /** The command it is about: "pr list". */
  command: string
  /** The option, as it is typed; absent where the whole command is meant. */
  option?: string
  /** The name that was probably meant. */
  meant?: string
}

/** An option that so many commands of a schema have is hardly misspelt. */
const many = 5

/**
 * Holds a schema against the help of the installed program. Options of the program itself, and those that every command has, count as
 * there; positionals are not compared, since help names them as it likes.
 */
export function compareWithHelp(schema: CliSchema, pages: HelpPages): HelpDifference[] {
  const inherited = new Set([...(pages.get('')?.options ?? []).map(({ name }) => name), ...[...pages.values()].flatMap((page) => page.inherited)])
  const { commands } = treeOf(pages)
  const installed = new Map(commands.flatMap(({ name, page, subcommands }) => (subcommands.length > 0 ? subcommands.map((each) => [`${name} ${each.name}`, each.page] as const) : [[name, page] as const])))
  const known = new Map(leaves(schema).map((leaf) => [leaf.path, leaf]))
  const differences: HelpDifference[] = []
  /** Options of the schema that the help of a command shows. */
  const found = new Set<string>()
  /** Commands of the program that the schema has, by whichever of their names. */
  const met = new Set<string>()
  for (const { path, args, flags } of known.values()) {
    const { at, page } = placeOf(pages, path)
    if (at !== undefined) met.add(at)
    if (at !== undefined && !page) {
      differences.push({ kind: 'could not be read', command: path })
      continue
    }
    if (!page) {
      differences.push({ kind: 'not in the program', command: path, ...meantBy(path, [...installed.keys()].filter((each) => !known.has(each))) })
      continue
    }
    const there = optionsOf(page)
    const own = [...args.filter(({ positional, after_dashes: behind }) => !positional && !behind), ...flags].map(({ name }) => name)
    for (const name of own) if (there.has(name)) found.add(`--${name}`)
    for (const name of own) if (!there.has(name) && !inherited.has(name)) differences.push({ kind: 'not in the program', command: path, option: `--${name}`, ...meantBy(name, [...there].filter((each) => !own.includes(each)), '--') })
    for (const name of there) if (!own.includes(name) && !args.some((arg) => arg.name === name) && !inherited.has(name)) differences.push({ kind: 'not in the schema', command: path, option: `--${name}` })
  }
  const missing = Map.groupBy(differences.filter(({ kind, option }) => kind === 'not in the program' && option !== undefined), ({ option }) => option)
  for (const [option, of] of missing) if (of.length >= many && !found.has(option!)) for (const difference of of) difference.kind = 'perhaps of all commands'
  for (const path of installed.keys()) if (!met.has(path)) differences.push({ kind: 'not in the schema', command: path })
  return differences
}

/** Where a command of the schema stands in the program, by its own words; no page where its help could not be read, no place where nothing names it. */
function placeOf(pages: HelpPages, path: string): { at?: string; page?: HelpPage | undefined } {
  let at = ''
  for (const word of path.split(' ')) {
    const parent = pages.get(at)
    if (!parent) return { at: path }
    const named = parent.commands.find(({ name, aliases }) => name === word || aliases.includes(word))
    if (!named) return saidOfEveryProgram.has(word) ? { at: path } : {}
    at = at ? `${at} ${named.name}` : named.name
  }
  return { at, page: pages.get(at) }
}

const optionsOf = (page: HelpPage) => new Set(page.options.map(({ name }) => name))

function meantBy(name: string, candidates: readonly string[], dashes = ''): { meant?: string } {
  const found = closest(name, candidates)
  return found === undefined ? {} : { meant: `${dashes}${found}` }
}
