/** One form for all ways to type the same: NFKC, ASCII quotes and dashes, white space collapsed. */
export function normalise(text: string): string {
  return text
    .normalize('NFKC')
    .replace(/[\u2018\u2019\u201a\u201b\u2032]/g, "'")
    .replace(/[\u201c-\u201f\u2033\u00ab\u00bb]/g, '"')
    .replace(/[\u2010-\u2015\u2212]/g, '-')
    .replace(/[\s\u200b\ufeff]+/g, ' ')
    .trim()
}

const quoted = /("[^"]*"|`[^`]*`)/
const word = /(?<![\w@#/.:=-])[A-Za-z]+(?:'[A-Za-z]+)?(?![\w@/:=-]|\.\w)/g

/** The text with its plain words changed; what these quotes enclose and what is no plain word (API_KEY, v2, #12) stays. */
export const changeWords = (text: string, quotes: RegExp, change: (word: string) => string): string =>
  text.split(quotes).map((part) => (quotes.test(part) ? part : part.replace(word, change))).join('')

const isLoud = (text: string) => text === text.toUpperCase()

/** A request in capitals in small letters: capitals say nothing when nearly all words have them. */
export function quiet(text: string): string {
  const words: string[] = []
  changeWords(text, quoted, (each) => (words.push(each), each))
  const long = words.filter((each) => each.length > 1)
  if (long.length < 2 || long.filter(isLoud).length < 0.6 * long.length) return text
  return changeWords(text, quoted, (each) => (isLoud(each) ? each.toLowerCase() : each))
}
