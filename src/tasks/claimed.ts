const wordCharacter = /[\p{L}\p{N}_]/u

/** Where the text has these words as words ("sync" does not stand in "async"); -1 for nowhere. Asked for every value of every row: no regular expression of its own for each. */
export function placeOf(text: string, words: string): number {
  let at = text.indexOf(words)
  while (words !== '' && at >= 0 && (wordCharacter.test(text[at - 1] ?? '') || wordCharacter.test(text[at + words.length] ?? ''))) at = text.indexOf(words, at + 1)
  return at
}

/** Values whose words in the text another one holds already: what is said once is meant once. */
export function claimedTwice(values: readonly string[], text: string): string[] {
  let rest = text
  return [...values].sort((a, b) => b.length - a.length).filter((value) => {
    const at = placeOf(rest, value)
    if (at >= 0) rest = `${rest.slice(0, at)}\n${rest.slice(at + value.length)}`
    return at < 0 && placeOf(text, value) >= 0
  })
}
