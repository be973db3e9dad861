const abbreviations = /(?:\b(?:e\.g|i\.e|etc|vs|cf|Dr|Mr|Ms|no|approx)|\b[A-Z])\.$/

/** The sentences of a paragraph, code between backticks kept whole. */
export function sentences(paragraph: string): string[] {
  const text = paragraph.replace(/\s+/g, ' ').trim()
  const found: string[] = []
  let from = 0
  for (const { index, 0: end } of text.matchAll(/[.!?]["')\]]?(?= +["'(`]?[\p{Lu}\p{N}`])|$/gu)) {
    const sentence = text.slice(from, index + end.length).trim()
    const inCode = (sentence.match(/`/g) ?? []).length % 2 === 1
    if (index < text.length && (abbreviations.test(sentence) || inCode)) continue
    if (sentence) found.push(sentence)
    from = index + end.length
  }
  return found
}
