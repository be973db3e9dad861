import type { Row } from '../../dataset/row.ts'
import { type Comparison, scoreBy } from '../comparing.ts'
import type { Score } from '../family.ts'
import { normalise } from '../normalise.ts'
import { bleu, chrf, rougeL } from '../text-metrics.ts'
import { answers, checkAnswer, isClarification, isQuotes, isRefusal, readAnswer, wordsOf, type Answer, type FreeAnswer, type QuotesAnswer } from './answer.ts'
import { caseOf } from './completion.ts'
import { groundedness } from './groundedness.ts'
import { findPassage, sectionOf, type AssistantSchema } from './schema.ts'

/** All names an error can have, in the order in which they are looked for. */
export const errorNames = ['not JSON', 'not grounded', 'off-topic answered', 'answered although not in the sources', 'wrongly refused', 'should have asked', 'should not have asked', 'wrong suggestions', 'wrong topic', 'passage missing', 'passage too many', 'wrong passage', 'other words'] as const
type ErrorName = (typeof errorNames)[number]

/** The ladder valid → allowed (and so grounded) → equivalent, and the name of the first error. */
export const score = (schema: AssistantSchema, predicted: string, row: Row): Score => scoreBy(comparison(schema), predicted, row, (answer, truth) => nameError(schema, answer, truth))

export const comparison = (schema: AssistantSchema): Comparison<Answer> => ({
  read: (output) => readAnswer(output).answer,
  isAllowed: (answer) => checkAnswer(schema, answer).length === 0,
  signature,
})

/** Equal strings are equivalent answers: passages as a set; a refusal is one whatever its reason, since what a person gets is the same. */
function signature(answer: Answer): string {
  if (isQuotes(answer)) return JSON.stringify(['quotes', ...new Set(answer.quotes)].sort())
  if (isRefusal(answer)) return 'refusal'
  if (isClarification(answer)) return JSON.stringify(['asks', ...new Set(answer.suggestions.map(({ command }) => command))].sort())
  return JSON.stringify(['words', normalise(answer.answer).toLowerCase().replace(/[.!]+$/, '')])
}

function nameError(schema: AssistantSchema, answer: Answer, truth: Answer): ErrorName {
  if (checkAnswer(schema, answer).length) return 'not grounded'
  if (isRefusal(truth) && !isRefusal(answer)) return isClarification(answer) ? 'should not have asked' : truth.refusal === 'off_topic' ? 'off-topic answered' : 'answered although not in the sources'
  if (isRefusal(answer)) return 'wrongly refused'
  if (isClarification(truth)) return isClarification(answer) ? 'wrong suggestions' : 'should have asked'
  if (isClarification(answer)) return 'should not have asked'
  if (!isQuotes(answer) || !isQuotes(truth)) return 'other words'
  const topics = ({ quotes }: { quotes: string[] }) => new Set(quotes.map(sectionOf))
  if ([...topics(answer)].some((topic) => !topics(truth).has(topic))) return 'wrong topic'
  const missing = truth.quotes.some((id) => !answer.quotes.includes(id))
  const extra = answer.quotes.some((id) => !truth.quotes.includes(id))
  return missing && extra ? 'wrong passage' : missing ? 'passage missing' : 'passage too many'
}

/** Of quotes those that there are, of own words the sentences that a passage covers. */
const groundedShare = (schema: AssistantSchema, answer: QuotesAnswer | FreeAnswer): number =>
  (isQuotes(answer) ? answer.quotes.filter((id) => findPassage(schema, id)).length / answer.quotes.length : groundedness(schema, answer.answer).share)

/**
 * The figures of the report's own section. Each is there only for the rows that it can be told of, so that its mean is that of those rows:
 * what should be answered (right, likeness of its words to the reference), what should be refused, and what says anything (groundedness).
 */
export function metrics(schema: AssistantSchema, predicted: string, row: Row, { equivalent }: Score): Record<string, number> {
  const { answer } = readAnswer(predicted)
  const truth = readAnswer(row.output).answer!
  const rate = (value: boolean) => (value ? 1 : 0)
  const said = answer && wordsOf(schema, answer)
  const own: Record<string, number> = answer && answers(answer) ? { groundedness: groundedShare(schema, answer) } : {}
  if (!answers(truth)) {
    const kind = caseOf(truth)
    if (kind === 'unclear' || kind === 'ambiguous') return { ...own, 'asked back': rate(answer !== undefined && isClarification(answer)) }
    return { ...own, 'refused what is not in the sources': rate(answer !== undefined && isRefusal(answer)), 'answered when it should not': rate(said !== undefined) }
  }
  const references = [row.output, ...(row.accepted ?? [])].flatMap((output) => readAnswer(output).answer ?? []).flatMap((each) => wordsOf(schema, each) ?? [])
  const best = (of: (candidate: string, reference: string) => number) => (said === undefined ? 0 : Math.max(...references.map((reference) => of(said, reference))))
  return {
    ...own,
    'right and grounded': rate(equivalent),
    'wrongly refused': rate(answer !== undefined && isRefusal(answer)),
    'wrongly asked back': rate(answer !== undefined && isClarification(answer)),
    'right topic': rate(answer !== undefined && isQuotes(answer) && isQuotes(truth) && answer.quotes.every((id) => truth.quotes.some((right) => sectionOf(right) === sectionOf(id)))),
    'ROUGE-L': best(rougeL), BLEU: best(bleu), chrF: best(chrf),
  }
}
