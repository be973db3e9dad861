import { InputError } from '../../errors.ts'
import { quote } from '../../text.ts'

/**
 * The words of one simple command: quotes and backslashes as in POSIX, nothing expanded; `#` begins a comment where a line may have one.
 * @throws InputError for what needs a shell (pipes, redirections, substitutions) and for open quotes
 */
export function splitWords(line: string, { comments = true } = {}): string[] {
  const words: string[] = []
  let word: string | undefined
  const refuse = (what: string, at: number): never => {
    throw new InputError(`expected one plain command line, found ${what} at character ${at + 1}; write the command alone.`)
  }
  for (let i = 0; i < line.length; i++) {
    const c = line[i]!
    if (c === "'") {
      const end = line.indexOf("'", i + 1)
      if (end < 0) refuse('an open quote', i)
      word = (word ?? '') + line.slice(i + 1, end)
      i = end
    } else if (c === '"') {
      const start = i
      word ??= ''
      for (i++; line[i] !== '"'; i++) {
        if (i >= line.length) refuse('an open quote', start)
        if (line[i] === '`' || (line[i] === '$' && /[({A-Za-z_]/.test(line[i + 1] ?? ''))) refuse('a substitution', i)
        if (line[i] === '\\' && /["\\$`\n]/.test(line[i + 1] ?? '')) i++
        word += line[i] ?? ''
      }
    } else if (c === '\\') {
      i++
      if (line[i] !== '\n') word = (word ?? '') + (line[i] ?? refuse('a lone backslash', i - 1))
    } else if (/\s/.test(c)) {
      if (c === '\n' && line.slice(i).trim() !== '' && (words.length || word !== undefined)) refuse('a second line', i)
      if (word !== undefined) words.push(word)
      word = undefined
    } else if (/[|&;<>()`]/.test(c) || (c === '$' && /[({A-Za-z_]/.test(line[i + 1] ?? ''))) refuse(`"${c}"`, i)
    else if (comments && c === '#' && word === undefined) break
    else word = (word ?? '') + c
  }
  if (word !== undefined) words.push(word)
  return words
}

/** The words of a command that is one value; one that cannot be split (`a | b`) is one word. */
export function wordsIn(value: string): string[] {
  try {
    const words = splitWords(value, { comments: false })
    return words.some((word) => word !== '') ? words : [value]
  } catch (error) {
    if (!(error instanceof InputError)) throw error
    return [value]
  }
}

/** The value of which `wordsIn` makes these words: as people write it where that is enough, else each word quoted. */
export function oneText(words: string[]): string {
  const plain = words.join(' ')
  const again = wordsIn(plain)
  return again.length === words.length && again.every((word, i) => word === words[i]) ? plain : words.map(quote).join(' ')
}
