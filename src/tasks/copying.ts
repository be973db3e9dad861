import { inner, literal } from './gbnf.ts'
import { numbersIn } from './numbers.ts'

/** Longer texts are not worth a grammar of their own. */
const mostPieces = 400

/**
 * A grammar narrowed to values that stand in this text (the user's, as rendered): its rules `str` and `int` (gbnf.ts) are replaced.
 * @param meant further texts that a value may be, because the text means them
 * @returns undefined where that is not worth it
 */
export function narrowed(grammar: string, text: string, meant: readonly string[]): string | undefined {
  const pieces = [...text.matchAll(/[\p{L}\p{N}_]+|[^\p{L}\p{N}_\s]/gu)]
  if (pieces.length === 0 || pieces.length > mostPieces) return undefined
  // A value begins and ends at the edges of words: piece i, then perhaps what follows it.
  const spans = pieces.map(({ 0: piece, index }, i) => {
    const next = pieces[i + 1]
    const gap = next && text.slice(index + piece.length, next.index)
    return `span${i} ::= ${literal(inner(piece))}${next ? ` (${gap ? `${literal(inner(gap))} ` : ''}span${i + 1})?` : ''}`
  })
  const anywhere = `[<>=]{0,2} (${pieces.map((_, i) => `span${i}`).join(' | ')})`
  const numbers = [...numbersIn(text)]
  return [
    grammar
      .replace(/^str ::= .*$/m, () => `str ::= "\\"" (${[anywhere, ...meant.map((value) => literal(inner(value)))].join(' | ')}) "\\""`)
      .replace(/^int ::= .*$/m, (any) => (numbers.length ? `int ::= ${numbers.map((number) => literal(String(number))).join(' | ')}` : any)),
    ...spans, '',
  ].join('\n')
}
