import type { Row } from '../../dataset/row.ts'
import { normalise, quiet } from '../normalise.ts'
import { putRight } from '../strange-words.ts'
import { lastQuoted } from './history.ts'
import { search, vocabulary } from './retrieval.ts'
import type { AssistantSchema } from './schema.ts'

/** How much of a question's topic words the best section has: what the model is told of the search. */
const levels = [[0.75, 'sure'], [0.4, 'near'], [0, 'far']] as const

/**
 * The user's turn: the question, under it the passages of the latest answer (`said=`), so that "turn it off" has something to turn off, and what a
 * search by words finds (`sure=`, `near=` or `far=`): of the three best sections the passage that shares most words. The answer need not be
 * among them. A row stays short, whatever was said before. The one renderer of training, evaluation, serving and export.
 */
export function userText(schema: AssistantSchema, instruction: string, context: Row['context']): string {
  const said = lastQuoted(schema, context).map(({ id }) => id)
  return rendered(schema, plain(quiet(normalise(instruction))), said.length ? [`said=${said.join(' ')}`] : [])
}

/** Without pictures: they say nothing of what is asked. */
const plain = (question: string) => question.replace(/\s*\p{Extended_Pictographic}\uFE0F?/gu, '').trim() || question

function rendered(schema: AssistantSchema, question: string, said: readonly string[]): string {
  const hits = search(schema, question)
  const level = levels.find(([least]) => hits[0] && hits[0].share >= least)?.[1]
  return [
    question,
    ...said,
    ...(level ? [`${level}=${hits.map(({ passage }) => passage.id).join(' ')}`] : []),
  ].join('\n')
}

/** The user's text with misspelt words of the question put right, and what a search finds then; undefined where there are none. */
export function otherReading(schema: AssistantSchema, text: string): string | undefined {
  const [question = '', ...rest] = text.split('\n')
  const right = putRight(question, vocabulary(schema))
  return right === question ? undefined : rendered(schema, right, rest.filter((line) => line.startsWith('said=')))
}

/** The system turn of chat bases. */
export function systemText(schema: AssistantSchema): string {
  const kinds = schema.questions.map(({ asks }) => asks).join(', ')
  const rest = `{"refusal":"off_topic"} for what is not about ${schema.name}, {"refusal":"not_in_sources"} for what its documents do not say, and with {"type":"clarification","message","suggestions"} when it is not clear what is meant.`
  const how = schema.answers === 'quotes' ? `one line of JSON, {"quotes":[…]} with one to three ids of passages (document/section/kind; kinds: ${kinds})` : 'one line of JSON, {"answer":"…"} in which every sentence is covered by a passage of the sources'
  return `You answer questions about ${schema.name} from its documents alone. Answer with ${how}, with ${rest} Under the question stand the passages of the last answer (said=) and those that a search found (sure=, near=, far=).`
}
