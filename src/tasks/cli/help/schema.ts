import { stringify } from 'yaml'
import { shorten } from '../../../text.ts'
import { namePattern } from '../schema.ts'
import { formatOf, type HelpValue } from './option.ts'
import type { HelpCommand, HelpPage } from './page.ts'

/** A program's pages by the words behind its name, joined by spaces: "" is the program's own. */
export type HelpPages = ReadonlyMap<string, HelpPage>

export interface HelpLeaf extends HelpCommand {
  page: HelpPage
}

/** A program's commands, as a schema has them: with subcommands, or with options of their own. */
export interface HelpTree {
  commands: (HelpLeaf & { subcommands: HelpLeaf[] })[]
  /** What is more than two words deep, and commands whose help could not be read. */
  leftOut: string[]
}

export function treeOf(pages: HelpPages): HelpTree {
  const leftOut: string[] = []
  const below = (path: string[]): HelpLeaf[] => (pages.get(path.join(' '))?.commands ?? []).flatMap((command) => {
    const inside = [...path, command.name]
    const page = pages.get(inside.join(' '))
    const deeper = path.length === 1 && page ? page.commands.map(({ name }) => [...inside, name].join(' ')) : []
    leftOut.push(...deeper)
    if (deeper.length > 0) return []
    if (page && namePattern.test(command.name)) return [{ ...command, description: command.description || page.description, page }]
    leftOut.push(inside.join(' '))
    return []
  })
  const commands = below([]).map((command) => ({ ...command, subcommands: below([command.name]) }))
  return { commands: commands.filter(({ page, subcommands }) => page.commands.length === 0 || subcommands.length > 0), leftOut }
}

/** The YAML of a training from what a program's help says of it, with comments on what makes the model better. */
export function schemaFromHelp(name: string, program: string, pages: HelpPages): string {
  const { commands, leftOut } = treeOf(pages)
  const document = {
    kind: 'cli', cli_name: program,
    ...described(pages.get('')?.description ?? ''),
    commands: commands.map(({ subcommands, ...command }) => ({
      ...wording(command),
      ...(subcommands.length > 0 ? { subcommands: subcommands.map((each) => ({ ...wording(each), ...parameters(each.page) })) } : parameters(command.page)),
    })),
  }
  const gone = leftOut.length > 0 ? `# Left out, as too deep for a command and a subcommand, or without a help that could be read:\n#   ${leftOut.join(', ')}\n` : ''
  return `${heading(name, program)}${gone}${stringify(document, { lineWidth: 0, flowCollectionPadding: false })}`
}

const heading = (name: string, program: string) => `# yaml-language-server: $schema=./schema.json
# What "${program}" can do, as its --help says. Clitron makes from it a small model that turns people's words into these commands.
# Check it with \`npx clitron lint ${name}\`, and against the program that is installed with \`npx clitron lint ${name} --installed\`.
#
# Take out what nobody asks for, then add the words that people use; the examples are as good as these:
#   synonyms: [show, display]              # of a command: verbs or nouns; of an argument: what stands before its value
#   phrases: [what needs my review]        # whole requests; <name> is an argument's value, (a|b) a choice
#   value_synonyms: {closed: [shut, done]} # of an enum's value
#   format: branch                         # what kind of text a value is
#   required: true                         # help seldom tells of an option that must be there
`

const described = (text: string) => (text ? { description: shorten(text, 200) } : {})
const wording = ({ name, aliases, description }: HelpCommand) => ({ name, ...described(description), ...(aliases.length > 0 && { synonyms: aliases }) })

/** As many as a schema takes. */
const most = 200

function parameters({ options, positionals }: HelpPage) {
  const names = new Set<string>()
  const letters = new Set<string>()
  /** Name and letter, as far as they are free. */
  const own = (name: string, short?: string) => {
    if (!namePattern.test(name) || names.has(name)) return undefined
    names.add(name)
    if (short === undefined || letters.has(short)) return { name }
    letters.add(short)
    return { name, short }
  }
  const args: object[] = []
  const flags: object[] = []
  for (const { name, short, description, value } of options) {
    const start = own(name, short)
    if (start) (value ? args : flags).push({ ...start, ...(value && valued(value)), ...described(description) })
  }
  for (const [at, { name, required, repeatable: several }] of positionals.entries()) {
    const start = own(name) ?? own(`${name}-argument`)
    const format = formatOf(name)
    // "<source>... <target>": a schema has lists at the end only.
    const repeatable = several && at === positionals.length - 1
    if (start) args.push({ ...start, ...(required && { required }), positional: true, ...(repeatable && { repeatable }), ...(format && { format }) })
  }
  return { ...(args.length > 0 && { args: args.slice(0, most) }), ...(flags.length > 0 && { flags: flags.slice(0, most) }) }
}

const valued = ({ type, values, format, default: assumed, repeatable, optional }: HelpValue) => ({
  ...(type !== 'string' && { type }), ...(values && { values }), ...(format && { format }), ...(assumed !== undefined && !repeatable && { default: assumed }), ...(repeatable && { repeatable }), ...(optional && { joined: true }),
})
