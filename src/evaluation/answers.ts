import { checkInstruction, type Prediction, type Predictor } from '../inference/predictor.ts'
import type { TaskFamily } from '../tasks/family.ts'

type Answering = Pick<Predictor, 'predictText' | 'close'>

/**
 * A predictor that answers every text once and remembers it: the stages of an evaluation ask for the same rows again.
 * More predictors of the same file answer in turn with it, so that small models use more than one core; asked one after the other,
 * `predictor` answers all, and latencies are true.
 */
export function remember(family: TaskFamily, schema: unknown, predictor: Predictor, more: readonly Answering[] = []): Predictor {
  const idle: Answering[] = [...more, predictor]
  const waiting: ((free: Answering) => void)[] = []
  const known = new Map<string, Promise<Prediction>>()
  const answer = async (text: string, grammar: boolean) => {
    const free = (idle.includes(predictor) ? idle.splice(idle.indexOf(predictor), 1)[0] : idle.pop()) ?? (await new Promise<Answering>((ready) => waiting.push(ready)))
    try {
      return await free.predictText(text, { grammar })
    } finally {
      const next = waiting.shift()
      if (next) next(free)
      else idle.push(free)
    }
  }
  const predictText: Predictor['predictText'] = (text, { grammar = true } = {}) => {
    const key = `${grammar ? 'g' : 'f'}${text}`
    const made = known.get(key) ?? answer(text, grammar)
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

/** Maps with at most `width` at the same time, in order. */
export async function mapWide<T, R>(items: readonly T[], width: number, map: (item: T, index: number) => Promise<R>): Promise<R[]> {
  const results = new Array<R>(items.length)
  let next = 0
  await Promise.all(Array.from({ length: Math.min(width, items.length) }, async () => {
    for (let index = next++; index < items.length; index = next++) results[index] = await map(items[index]!, index)
  }))
  return results
}
