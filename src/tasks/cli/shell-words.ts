import { InputError } from '../../errors.ts'

/**
 * The words of one simple command: quotes and backslashes as in POSIX, nothing expanded.
 * @throws InputError for what needs a shell (pipes, redirections, substitutions) and for open quotes
 */
export function splitWords(line: string): string[] {
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
    else if (c === '#' && word === undefined) break
    else word = (word ?? '') + c
  }
  if (word !== undefined) words.push(word)
  return words
}
