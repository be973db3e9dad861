import { longNameIndent, optionAt, type HelpOption } from './option.ts'
import { kindOf, plainLines, type Line, type SectionKind } from './layout.ts'
import { readUsage, type HelpPositional } from './usage.ts'

export interface HelpCommand {
  name: string
  aliases: string[]
  description: string
}

/** What a program's `--help` says. */
export interface HelpPage {
  description: string
  commands: HelpCommand[]
  options: HelpOption[]
  /** Names of options that stand under a heading like "Global flags": every command has them. */
  inherited: string[]
  positionals: HelpPositional[]
}

/** No request is about them, and no page names them. */
export const saidOfEveryProgram = new Set(['help', 'completion'])

/**
 * Reads the output of `--help` in the layouts that people meet: cobra and pflag, click and typer, argparse, clap, commander, kubectl's
 * and GitHub's own, git-like lists, and manual pages. What it cannot read it leaves out.
 * @param path the program and the words behind it, as they stand in the usage line: ["gh", "pr", "list"]
 */
export function readHelp(text: string, path: readonly string[]): HelpPage {
  const lines = plainLines(text)
  const sections = sectionsOf(lines, path[0] ?? '')
  const usage = sections.filter(({ kind }) => kind === 'usage').flatMap((section) => [section.rest, ...section.lines.map((line) => line.text)])
  const { positionals, takesCommand, commands: listed } = readUsage(usage, path)
  const named = sections.filter(({ kind }) => kind === 'commands')
  // git and its like list commands below headings of their own.
  const commands = (named.length > 0 ? named : takesCommand ? sections.filter(({ kind }) => kind === 'other') : []).flatMap(({ lines: inside }) => commandsOf(inside))
  const choices = sections.filter(({ kind }) => kind === 'arguments').flatMap(({ lines: inside }) => subparsers(inside))
  const found = uniqueBy([...commands, ...choices, ...listed.map((name) => ({ name, aliases: [], description: '' }))], ({ name }) => name).filter(({ name }) => !saidOfEveryProgram.has(name))
  return {
    description: descriptionOf(sections, path[0] ?? ''),
    commands: found,
    options: uniqueBy(sections.filter(({ kind }) => !['usage', 'inherited', 'examples'].includes(kind)).flatMap(({ lines: inside }) => optionsOf(inside)), ({ name }) => name).filter(({ name }) => name !== 'help'),
    inherited: sections.filter(({ kind }) => kind === 'inherited').flatMap(({ lines: inside }) => optionsOf(inside).map(({ name }) => name)),
    positionals: found.length > 0 ? [] : positionals,
  }
}

interface Section {
  kind: SectionKind
  title: string
  /** What follows the title on its line. */
  rest: string
  lines: Line[]
}

function sectionsOf(lines: readonly Line[], program: string): Section[] {
  const sections: Section[] = [{ kind: 'intro', title: '', rest: '', lines: [] }]
  lines.forEach((line, at) => {
    const heading = headingAt(lines, at)
    if (heading) sections.push({ ...heading, lines: [] })
    else sections.at(-1)!.lines.push(line)
  })
  return sections.flatMap((section) => (section.kind === 'usage' ? splitUsage(section, program) : [section]))
}

/** Behind an empty line below a usage that is one paragraph, or where nothing is indented any more, a description begins. */
function splitUsage(section: Section, program: string): Section[] {
  const end = section.lines.findIndex(({ text, indent }) => (text === '' ? section.rest !== '' : indent === 0 && text.split(' ')[0] !== program))
  if (end < 0) return [section]
  return [{ ...section, lines: section.lines.slice(0, end) }, { kind: 'other', title: '', rest: '', lines: section.lines.slice(end) }]
}

function headingAt(lines: readonly Line[], at: number): Omit<Section, 'lines'> | undefined {
  const { text, indent } = lines[at]!
  if (text === '' || text.startsWith('-') || indent > 2) return undefined
  const usage = /^usage(?::\s*|\s*$)(.*)$/i.exec(text)
  if (usage) return { kind: 'usage', title: 'usage', rest: usage[1]! }
  const title = text.replace(/:$/, '')
  const follows = lines.slice(at + 1).find((line) => line.text !== '')
  const opens = follows !== undefined && follows.indent > indent
  if (!opens || title.length > 80) return undefined
  const shouted = /^[A-Z][A-Z0-9 ,()/&-]+$/.test(title)
  if (text.endsWith(':') || shouted || (indent === 0 && !/[.;,]$/.test(text) && lines[at - 1]?.text === '')) return { kind: kindOf(title), title, rest: '' }
  return undefined
}

/** The first sentences before the usage, behind it, or of a manual page's NAME. */
function descriptionOf(sections: readonly Section[], program: string): string {
  const name = sections.find(({ title }) => title === 'NAME')
  if (name) return paragraph(name.lines).replace(/^\S+(?:, \S+)* [-–—] /, '')
  for (const { kind, title, lines } of sections) {
    if (kind !== 'intro' && !(kind === 'other' && title === '') && !/^description$/i.test(title)) continue
    const said = paragraph(lines)
    if (said && !said.startsWith(`${program} <`)) return said
  }
  return ''
}

function paragraph(lines: readonly Line[]): string {
  const begin = lines.findIndex(({ text }) => text !== '')
  if (begin < 0) return ''
  const end = lines.findIndex(({ text }, at) => at > begin && text === '')
  return lines.slice(begin, end < 0 ? undefined : end).map(({ text }) => text).join(' ')
}

const commandName = /^[a-z0-9][\w.:-]*$/i

/** "  list, ls <dir>   List files": one a line, or names alone with commas between them. */
function commandsOf(lines: readonly Line[]): HelpCommand[] {
  const first = lines.find(({ text }) => text !== '')
  if (!first) return []
  const found: HelpCommand[] = []
  for (const { text, indent } of lines) {
    if (text === '' || /^(-|\.\.\.)/.test(text)) continue
    if (/^[\w.:-]+(?:, [\w.:-]+)+,?$/.test(text) || (/^[\w.:-]+,$/.test(text) && found.length > 0)) {
      found.push(...text.split(/,\s*/).filter((name) => commandName.test(name)).map((name) => ({ name, aliases: [], description: '' })))
      continue
    }
    if (indent > first.indent + 1) {
      const last = found.at(-1)
      if (last) last.description = `${last.description} ${text}`.trim()
      continue
    }
    const [, head = '', description = ''] = /^(.*?)(?:\s{2,}(.*))?$/.exec(text)!
    const [words = ''] = /^[\w.:*-]+(?:(?:, |\|)[\w.:*-]+)*(?= |$)/.exec(head.replace(/:$/, '')) ?? []
    const placeholders = head.replace(/:$/, '').slice(words.length)
    if (!words || !/^(?: (?:\[[^\]]*\]|<[^>]*>|[A-Z_.]+))*$/.test(placeholders)) continue
    const [name = '', ...aliases] = words.replaceAll('*', '').split(/, |\|/)
    if (commandName.test(name)) found.push({ name, aliases: aliases.filter((alias) => commandName.test(alias)), description })
  }
  return found
}

/** argparse lists subcommands among the arguments, below their names in braces. */
function subparsers(lines: readonly Line[]): HelpCommand[] {
  const at = lines.findIndex(({ text }) => /^\{[\w.,:-]+\}/.test(text))
  if (at < 0) return []
  const names = /^\{([\w.,:-]+)\}/.exec(lines[at]!.text)![1]!.split(',')
  const described = new Map(commandsOf(lines.slice(at + 1).filter(({ indent }) => indent > lines[at]!.indent)).map((command) => [command.name, command]))
  return names.filter((name) => commandName.test(name)).map((name) => described.get(name) ?? { name, aliases: [], description: '' })
}

function optionsOf(lines: readonly Line[]): HelpOption[] {
  const marked = lines.filter(({ text }) => text.startsWith('-'))
  // Further in, a dash is a word of some description; a long name alone stands where others have a short one.
  const furthest = Math.min(...marked.map(({ indent }) => indent)) + longNameIndent
  return lines.flatMap(({ text, indent }, at) => (text.startsWith('-') && indent <= furthest ? optionAt(lines, at) : []))
}

/** The first of each. */
function uniqueBy<T>(items: readonly T[], key: (item: T) => string): T[] {
  const seen = new Set<string>()
  return items.filter((item) => !seen.has(key(item)) && seen.add(key(item)))
}
