import { putRight } from '../strange-words.ts'
import { clarificationCase } from './completion.ts'
import { lexicon } from './lexicon.ts'
import type { CliSchema } from './schema.ts'

/**
 * The user's text with misspelt words of the schema put right; undefined where there are none. Only a guess: a name may look like a slip
 * ("mian"), so the answer to the text as it stands, `completion`, is weighed against the answer to this.
 */
export function otherReading(schema: CliSchema, text: string, completion: string): string | undefined {
  // It asks already which word was meant.
  if (clarificationCase(schema, { output: completion }) === 'typo_ambiguity') return undefined
  const [instruction, ...context] = text.split('\n') as [string, ...string[]]
  const right = putRight(instruction, lexicon(schema))
  return right === instruction ? undefined : [right, ...context].join('\n')
}
