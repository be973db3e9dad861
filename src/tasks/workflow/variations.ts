import type { CopiedValue, Row } from '../../dataset/row.ts'
import type { Random } from '../../teacher/random.ts'
import { writeValue } from '../../teacher/values.ts'
import { phrasings, reworded, type Wording } from '../augment/phrasing.ts'
import { alike } from '../augment/rewording.ts'
import { otherNumber, valueSubstitution } from '../augment/values.ts'
import type { Variations } from '../augment/variation.ts'
import { clarificationCase, completion } from './completion.ts'
import { copiedValues } from './copied-values.ts'
import { readAnswer, walk, type Step } from './document.ts'
import { metadataVariations } from './metadata-variations.ts'
import { framed } from './offline/sentence.ts'
import { channelValue, columnKinds, columnName, dateValue, fileStem, messageValue, textValue, urlValue } from './offline/values.ts'
import { knownWords } from './offline.ts'
import { leadingVerbs, sameWordsIn } from './same-words.ts'
import { findAction, findParameter, type WorkflowSchema } from './schema.ts'
import { valuesIn } from './values.ts'

const wording: Wording<WorkflowSchema> = {
  values: (schema, { output }) => {
    const { answer } = readAnswer(output)
    return answer?.workflow ? valuesIn(schema, answer.workflow).map(({ value }) => String(value)) : []
  },
  known: knownWords,
  clarificationCase,
  synonyms: (schema, { output }, text) => stepsOf(output).flatMap((step) => [...sameWordsIn(schema, step.action, text), ...valueWords(schema, step, text)]),
  // What is said first is done first, as soon as there are two things to do.
  ordered: (_schema, { output }) => stepsOf(output).length > 1,
}

/** Ways to vary a triplet of request, metadata and workflow, and questions about the language in their words alone. */
export const variations: Variations<WorkflowSchema> = {
  ...phrasings(wording),
  politeness: reworded(wording, polite),
  value_substitution: valueSubstitution({ copiedValues, target: completion, other }),
  ...metadataVariations,
}

const stepsOf = (output: string): Step[] => [...walk(readAnswer(output).answer?.workflow?.steps ?? [])].map(({ step }) => step)

/** Words for the values of enums that the step has; none that say what to do elsewhere ("count the rows"). */
function valueWords(schema: WorkflowSchema, { action: name, parameters }: Step, text: string): string[][] {
  const action = findAction(schema, name)
  const said = new Set(text.toLowerCase().match(/[a-z]+/g))
  return Object.entries(parameters).flatMap(([key, value]) => {
    const words = typeof value === 'string' && action ? findParameter(action, key)?.value_synonyms[value] : undefined
    return words && !words.some((each) => leadingVerbs(schema).has(each) && said.has(each)) ? alike(words) : []
  })
}

/** "Could you …" before a request that begins with what is to be done. */
function polite(schema: WorkflowSchema, row: Row, text: string, r: Random): string | undefined {
  const request = text.replace(/^[A-Z](?=[a-z]+ )/, (letter) => letter.toLowerCase())
  if (!leadingVerbs(schema).has(/^[a-z]+(?! of\b)(?= )/.exec(request)?.[0] ?? '') || stepsOf(row.output).length === 0) return undefined
  const { text: said, question } = framed(request, r.pick(['polite', 'want', 'workflow', 'question']), r)
  return said === request ? undefined : question && !/[.?!]$/.test(said) && r.chance(0.6) ? `${said}?` : said
}

/** Words that an expression reads as something else than a column or a value. */
const reserved = /^(?:and|or|not|null|true|false|contains|starts_with|ends_with)$/i

function other(_schema: WorkflowSchema, { value, kind }: CopiedValue, r: Random): string | undefined {
  const made = madeUp(kind, value, r)
  return made !== undefined && reserved.test(made) ? undefined : made
}

function madeUp(kind: string, value: string, r: Random): string | undefined {
  switch (kind) {
    case 'number':
    case 'decimal': return otherNumber(value, r)
    case 'file': return fileStem(r)
    case 'url': return urlValue(r)
    case 'column':
    case 'variable': return columnName(r, r.weighted(columnKinds), [])
    // "#ops" is no person, and "kim" no channel.
    case 'channel': return sameStart(value, () => channelValue(r))
    case 'date': return /^\d{4}-\d{2}-\d{2}$/.test(value) ? dateValue(r) : undefined
    case 'name': return writeValue('name', r)
    case 'word':
    case 'phrase': return textValue(r)
    default: return messageValue(r)
  }
}

function sameStart(value: string, make: () => string): string | undefined {
  const made = make()
  const start = (text: string) => /^[#@]?/.exec(text)![0]
  return start(made) === start(value) && made.includes('@', 1) === value.includes('@', 1) ? made : undefined
}
