import { verbSynonyms } from '../../../teacher/english.ts'
import { unguard } from '../../../teacher/noise.ts'
import { withSynonym } from '../../augment/rewording.ts'
import { isCommand, readAnswer } from '../answer.ts'
import type { RecoverySchema, WordedTool } from '../schema.ts'
import type { Augmentation } from './index.ts'
import { guarded } from './words.ts'

const others: readonly (readonly string[])[] = [
  ['show me', 'give me', 'let me see', 'display', 'i want to see'], ['please', 'pls', 'kindly', 'if you would'], ['currently', 'at the moment', 'right now', 'just now'],
  ['the first', 'the top', 'the initial'], ['seconds', 'secs', 's'], ['all', 'every one of', 'each of'], ['again', 'once more', 'one more time', 'another time'], ['called', 'named', 'by the name of'], ['need', 'want', 'could use'],
]

/** A word or a verb phrase said otherwise: by the intent's own synonyms, those that command lines share, or everyday ones. */
export const synonymReplacement: Augmentation = (schema, row, r) => {
  const text = guarded(schema, row)
  if (text === undefined) return undefined
  const changed = withSynonym(text, [...ownGroups(schema, row.output), ...others, ...Object.entries(verbSynonyms).map(([word, list]) => [...new Set([word, ...list])])], r)
  return changed === undefined ? undefined : { ...row, instruction: unguard(changed) }
}

/** The synonyms of the command's intent. */
function ownGroups({ wordings }: RecoverySchema, output: string): string[][] {
  const { answer } = readAnswer(output)
  if (!answer || !isCommand(answer)) return []
  const { command_type, intent } = answer.command
  const tool = wordings.tools.find((each: WordedTool) => each.command === command_type && each.intent === intent)
  return tool && tool.synonyms.length > 1 ? [tool.synonyms] : []
}
