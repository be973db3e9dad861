/** An argument that is typed without a name. */
export interface HelpPositional {
  name: string
  required: boolean
  repeatable: boolean
}

export interface Usage {
  positionals: HelpPositional[]
  /** A command has to follow. */
  takesCommand: boolean
  /** Commands that the usage itself names: argparse's {a,b}. */
  commands: string[]
}

/** Words of a usage that stand for options, or for what is passed on. */
const nothing = /^((\S+-)?options?|flags?|opts|args?|arguments?|switches|\.\.\.|--)$/i
const command = /^(sub-?)?commands?$/i

/** What the usage says to type behind `path` (the program and its words): of several lines the one with the most. */
export function readUsage(lines: readonly string[], path: readonly string[]): Usage {
  const text = lines.map((line) => line.trim()).filter(Boolean)
  const begins = text.flatMap((line, at) => (at === 0 || startsWithPath(line, path) ? [at] : []))
  const found = begins.map((begin, at) => readOne(text.slice(begin, begins[at + 1]).join(' '), path))
  const best = found.toSorted((a, b) => b.positionals.length - a.positionals.length)[0] ?? { positionals: [], takesCommand: false, commands: [] }
  return { positionals: best.positionals, takesCommand: found.some((usage) => usage.takesCommand), commands: [...new Set(found.flatMap((usage) => usage.commands))] }
}

const startsWithPath = (line: string, [program = '']: readonly string[]) => line.split(/\s+/)[0]!.split('/').at(-1) === program

function readOne(line: string, path: readonly string[]): Usage {
  const usage: Usage = { positionals: [], takesCommand: false, commands: [] }
  const tokens = tokensOf(line)
  // The first word is the program, however it is spelt there; "git-clone" is "git clone" on a manual page.
  let at = 1
  while (at < tokens.length && path.includes(tokens[at]!)) at++
  const marked = /<\w/.test(line)
  for (const token of tokens.slice(at).flatMap(firstWay)) {
    // Where names stand in angle brackets, other words are typed as they are.
    if (marked && /^[a-z]/.test(token)) continue
    const optional = token.startsWith('[')
    const inner = token.replace(/^\[+|\]+(\.\.\.)?$/g, '').trim()
    if (/^[[(<]*-/.test(inner)) continue
    if (/^\.{3,}$/.test(token)) {
      const last = usage.positionals.at(-1)
      if (last) last.repeatable = true
      continue
    }
    const choice = /^\{([\w.:-]+(?:,[\w.:-]+)+)\}$/.exec(inner)
    if (choice) {
      usage.takesCommand = true
      usage.commands.push(...choice[1]!.split(','))
      continue
    }
    const repeatable = /\.\.\.|…/.test(token)
    const first = inner.replace(/\.\.\.|…/g, '').split(/\s*\|\s*|\s+|(?<=\w)[[=:/]/)[0]!.replace(/[<>{}()[\]'"]/g, '')
    if (first === '' || nothing.test(first) || first.startsWith('-')) continue
    if (command.test(first)) {
      usage.takesCommand = true
      continue
    }
    const name = first.toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-+|-+$/g, '')
    if (name === '' || usage.positionals.some((positional) => positional.name === name)) continue
    usage.positionals.push({ name, required: !optional && !usage.positionals.some((positional) => !positional.required), repeatable })
  }
  return usage
}

/** Of several ways in parentheses the first: "(TYPE [NAME] | TYPE/NAME)". */
function firstWay(token: string): string[] {
  const [, inside] = /^\((.*)\)$/.exec(token) ?? []
  if (inside === undefined) return [token]
  const tokens = tokensOf(inside)
  const end = tokens.indexOf('|')
  return tokens.slice(0, end < 0 ? undefined : end)
}

/** Words, brackets with all that is inside of them as one. */
function tokensOf(line: string): string[] {
  const tokens: string[] = []
  let depth = 0
  for (const part of line.split(/\s+/)) {
    if (depth > 0) tokens[tokens.length - 1] += ` ${part}`
    else tokens.push(part)
    for (const character of part) {
      if ('[{<('.includes(character)) depth++
      else if (']}>)'.includes(character)) depth = Math.max(0, depth - 1)
    }
  }
  return tokens
}
