import { clarificationCase } from './completion.ts'
import { oneSlip } from './offline/words.ts'
import { contextFields, leaves, wordingsOf, type CliSchema } from './schema.ts'
import { changeWords } from './user-text.ts'
import { numbersIn } from './values.ts'

const quoted = /("[^"]*"|`[^`]*`|\B'[^']*'\B)/

/**
 * The user's text with misspelt words of the schema put right; undefined where there are none. Only a guess: a name may look like a slip
 * ("mian"), so the answer to the text as it stands, `completion`, is weighed against the answer to this.
 */
export function otherReading(schema: CliSchema, text: string, completion: string): string | undefined {
  // It asks already which word was meant.
  if (clarificationCase(schema, { output: completion }) === 'typo_ambiguity') return undefined
  const known = spoken(schema)
  const [instruction, ...context] = text.split('\n') as [string, ...string[]]
  const right = changeWords(instruction, quoted, (each) => meant(each.toLowerCase(), known) ?? each)
  return right === instruction ? undefined : [right, ...context].join('\n')
}

/** The one word a slip away; of several the one with the same letters. None for words that are right, their plurals included. */
function meant(typed: string, known: Set<string>): string | undefined {
  // Short words are a slip away from too many others, contractions from none.
  if (!/^[a-z]{4,}$/.test(typed) || known.has(typed) || known.has(typed.replace(/e?s$/, '')) || known.has(`${typed}s`) || numbersIn(typed).size) return undefined
  const near = [...known].filter((each) => Math.abs(each.length - typed.length) < 2 && oneSlip(typed, each))
  if (near.length < 2) return near[0]
  const letters = (each: string) => [...each].sort().join('')
  const swapped = near.filter((each) => letters(each) === letters(typed))
  return swapped.length === 1 ? swapped[0] : undefined
}

const cached = new WeakMap<CliSchema, Set<string>>()

/** Every word by which people ask for what the schema has. */
function spoken(schema: CliSchema): Set<string> {
  let words = cached.get(schema)
  if (!words) {
    const texts = leaves(schema).flatMap((leaf) => [...wordingsOf(leaf), ...[leaf, ...leaf.args, ...leaf.flags].map(({ description }) => description ?? '')])
    words = new Set([...texts, ...contextFields(schema).map(({ path }) => path)].flatMap((text) => text.toLowerCase().match(/[a-z]{4,}/g) ?? []))
    cached.set(schema, words)
  }
  return words
}
