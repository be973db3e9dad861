import { clarificationMessages, suggestionLabel } from './completion.ts'
import { leaves, type Arg, type CliSchema } from './schema.ts'

/**
 * Strings of completions that become single tokens: the whole way to the arguments, each key, each enum value, each flag,
 * each clarification. Greedy longest match splits every completion into pieces and free values, nothing else:
 * the quote that ends a value and the comma are pieces of their own, and no piece begins with `","`.
 */
export function pieces(schema: CliSchema): string[] {
  const found = new Set(['"', ',', '],', ']}', '},"flags":[', '},"flags":[]}', ']},"flags":[', ']},"flags":[]}'])
  for (const leaf of leaves(schema)) {
    const { command, subcommand } = leaf
    found.add(`${JSON.stringify({ type: 'command', command, subcommand }).slice(0, -1)},"args":{`)
    found.add(JSON.stringify({ label: suggestionLabel(leaf), command, subcommand }))
    for (const arg of leaf.args) for (const piece of argPieces(arg)) found.add(piece)
    for (const flag of leaf.flags) found.add(JSON.stringify(flag.name))
  }
  for (const message of clarificationMessages(schema)) found.add(`${JSON.stringify({ type: 'clarification', message }).slice(0, -1)},"suggestions":[`)
  return [...found]
}

function argPieces(arg: Arg): string[] {
  const key = `${JSON.stringify(arg.name)}:`
  if (arg.type === 'integer') return [arg.repeatable ? `${key}[` : key]
  if (arg.type === 'string') return [arg.repeatable ? `${key}["` : `${key}"`]
  const values = arg.values!.map((value) => JSON.stringify(value))
  return arg.repeatable ? [`${key}[`, ...values] : values.map((value) => key + value)
}

/** Greedy longest match, as tokenizers split text at added tokens: what is no piece stays together. */
export function segment(text: string, list: readonly string[]): { text: string; piece: boolean }[] {
  const sorted = list.toSorted((a, b) => b.length - a.length)
  const parts: { text: string; piece: boolean }[] = []
  for (let at = 0; at < text.length; ) {
    const piece = sorted.find((candidate) => text.startsWith(candidate, at))
    const last = parts.at(-1)
    if (piece !== undefined) parts.push({ text: piece, piece: true })
    else if (last && !last.piece) last.text += text[at]
    else parts.push({ text: text[at]!, piece: false })
    at += piece?.length ?? 1
  }
  return parts
}
