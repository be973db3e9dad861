import { readAnswer, type CommandAnswer } from './answer.ts'
import { inner, literal } from './grammar.ts'
import { findLeaf, leaves, type CliSchema } from './schema.ts'
import { numbersIn, stands } from './values.ts'

/** Argument values of an answer that stand nowhere in the user's text (instruction and context as rendered). */
export function invented(schema: CliSchema, answer: CommandAnswer, text: string): { name: string; value: string | number }[] {
  const { args } = findLeaf(schema, answer.command, answer.subcommand)!
  return args.flatMap((arg) => {
    const values = Object.hasOwn(answer.args, arg.name) ? [answer.args[arg.name]!].flat() as (string | number)[] : []
    return values.filter((value) => !stands(arg, value, text)).map((value) => ({ name: arg.name, value }))
  })
}

/** Longer texts are not worth a grammar of their own. */
const mostPieces = 400

/**
 * The grammar narrowed to values that stand in this text, when the completion holds one that does not (or cannot be read): the model
 * slipped while copying, and gets a second try in which it cannot. Undefined where nothing is invented.
 */
export function copyingGrammar(schema: CliSchema, grammar: string, completion: string, text: string): string | undefined {
  const { answer } = readAnswer(completion)
  if (answer && (answer.type !== 'command' || invented(schema, answer, text).length === 0)) return undefined
  const pieces = [...text.matchAll(/[\p{L}\p{N}_]+|[^\p{L}\p{N}_\s]/gu)]
  if (pieces.length === 0 || pieces.length > mostPieces) return undefined
  // A value begins and ends at the edges of words: piece i, then perhaps what follows it.
  const spans = pieces.map(({ 0: piece, index }, i) => {
    const next = pieces[i + 1]
    return `span${i} ::= ${literal(inner(piece))}${next ? ` (${next.index > index + piece.length ? `${literal(inner(text.slice(index + piece.length, next.index)))} ` : ''}span${i + 1})?` : ''}`
  })
  const meant = new Set(leaves(schema).flatMap(({ args }) => args.flatMap((arg) => (arg.type === 'enum' ? [] : Object.keys(arg.value_synonyms).filter((value) => stands(arg, value, text))))))
  const anywhere = `[<>=]{0,2} (${pieces.map((_, i) => `span${i}`).join(' | ')})`
  const numbers = [...numbersIn(text)]
  return [
    grammar
      .replace(/^str ::= .*$/m, () => `str ::= "\\"" (${[anywhere, ...[...meant].map((value) => literal(inner(value)))].join(' | ')}) "\\""`)
      .replace(/^int ::= .*$/m, (any) => (numbers.length ? `int ::= ${numbers.map((number) => literal(String(number))).join(' | ')}` : any)),
    ...spans, '',
  ].join('\n')
}
