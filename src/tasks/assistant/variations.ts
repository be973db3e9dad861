import { phrasings } from '../augment/phrasing.ts'
import type { Variations } from '../augment/variation.ts'
import { readAnswer } from './answer.ts'
import { caseOf } from './completion.ts'
import { vocabulary } from './retrieval.ts'
import type { AssistantSchema } from './schema.ts'

const { word_order_shuffling: _, ...wordings } = phrasings<AssistantSchema>({
  values: () => [],
  known: vocabulary,
  clarificationCase: (_schema, output) => {
    const { answer } = readAnswer(output)
    return answer && caseOf(answer)
  },
})

/**
 * A question in other words. Answers are passages, whose values are nobody's to change; what was said before is what a question refers to; and none
 * has details for a command that could as well stand first.
 */
export const variations: Variations<AssistantSchema> = wordings
