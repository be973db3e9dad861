import type { Prediction, Predictor } from '../../../src/inference/predictor.ts'
import { fakeFamily, fakeSchema } from '../../fixtures/fake-family.ts'

type Answer = string | (Partial<Prediction> & { completion: string })

/** A predictor of the fake family that answers by a function of the question; `asked` counts. */
export function fakePredictor(answer: (text: string, grammar: boolean) => Answer): Predictor & { asked: string[] } {
  const asked: string[] = []
  const predictText: Predictor['predictText'] = async (text, { grammar = true } = {}) => {
    asked.push(text)
    const given = answer(text, grammar)
    const prediction = { probability: 0.9, logProbability: Math.log(0.9), tokens: 5, endedByEos: true, latencyMs: 7 }
    return { ...prediction, ...(typeof given === 'string' ? { completion: given } : given) }
  }
  return {
    asked,
    atOnce: 1,
    predictText,
    predict: (instruction, context, options) => predictText(fakeFamily.userText(fakeSchema, instruction, context), options),
    promptTokens: () => [],
    close: async () => {},
    engine: {} as Predictor['engine'],
  }
}

/** What the fake family's rows want: the first word is the verb, the number its argument. */
export function truth(text: string): string {
  const n = /\d+/.exec(text)?.[0]
  return JSON.stringify({ do: /open|close|merge|ask/i.exec(text)?.[0].toLowerCase() ?? 'ask', ...(n !== undefined && { n: Number(n) }) })
}
