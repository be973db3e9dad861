import { Pool } from '../inference/concurrency.ts'
import { checkInstruction, type Prediction, type Predictor } from '../inference/predictor.ts'
import type { TaskFamily } from '../tasks/family.ts'

type Answering = Pick<Predictor, 'predictText' | 'close'>

/**
 * A predictor that answers every text once and remembers it: the stages of an evaluation ask for the same rows again.
 * More predictors of the same file answer in turn with it, so that small models use more than one core; asked one after the other,
 * `predictor` answers all, and latencies are true.
 */
export function remember(family: TaskFamily, schema: unknown, predictor: Predictor, more: readonly Answering[] = []): Predictor {
  const answering = new Pool<Answering>([predictor, ...more])
  const known = new Map<string, Promise<Prediction>>()
  const predictText: Predictor['predictText'] = (text, { grammar = true } = {}) => {
    const key = `${grammar ? 'g' : 'f'}${text}`
    const made = known.get(key) ?? answering.use((free) => free.predictText(text, { grammar }))
    known.set(key, made)
    return made
  }
  return {
    engine: predictor.engine,
    predictText,
    predict: async (instruction, context, choices) => {
      checkInstruction(instruction)
      return predictText(family.userText(schema, instruction, context), choices)
    },
    promptTokens: (text) => predictor.promptTokens(text),
    close: async () => {
      for (const each of [predictor, ...more]) await each.close()
    },
  }
}
