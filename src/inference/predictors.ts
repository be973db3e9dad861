import { availableParallelism } from 'node:os'
import type { TaskFamily } from '../tasks/family.ts'
import { loadSchema } from '../tasks/index.ts'
import { Pool } from './concurrency.ts'
import { checkInstruction, loadPredictor, type PredictChoices, type Prediction, type Predictor } from './predictor.ts'
import { predictorProcess, type PredictorFiles } from './predictor-process.ts'

type Answering = Pick<Predictor, 'predictText' | 'close'>

/**
 * What answers thousands of questions, and each of them once: a predictor, and beside a small model's a second in a process of its own.
 * A large model takes all cores itself.
 * @throws InputError when the GGUF or its template cannot be used
 */
export async function loadPredictors(files: PredictorFiles): Promise<Predictor> {
  const { family, schema } = loadSchema({ name: files.name, file: `schemas/${files.name}.yaml`, text: files.schemaText })
  const first = await loadPredictor({ ...files, family, schema })
  try {
    const twice = first.engine.threads === 1 && availableParallelism() > 1
    return remember(family, schema, first, twice ? [await predictorProcess(files)] : [])
  } catch (error) {
    await first.close()
    throw error
  }
}

/**
 * A predictor that answers every text once and remembers it: the stages of an evaluation ask for the same rows again.
 * More predictors of the same file answer in turn with it, so that small models use more than one core; asked one after the other,
 * `predictor` answers all, and latencies are true.
 */
export function remember(family: TaskFamily, schema: unknown, predictor: Predictor, more: readonly Answering[] = []): Predictor {
  const answering = new Pool<Answering>([predictor, ...more])
  const known = new Map<string, Promise<Prediction>>()
  const predictText: Predictor['predictText'] = (text, { grammar = true, weight } = {}) => {
    const key = JSON.stringify([text, grammar, grammar && weight])
    const made = known.get(key) ?? answering.use((free) => free.predictText(text, { grammar, weight }))
    known.set(key, made)
    return made
  }
  return {
    engine: predictor.engine,
    atOnce: 1 + more.length,
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

/** The same predictor, whose companion's word counts so much unless told otherwise; 0: the model by itself. */
export function weighing(predictor: Predictor, weight: number): Predictor {
  const chosen = (choices?: PredictChoices) => ({ weight, ...choices })
  return {
    ...predictor,
    predict: (instruction, context, choices) => predictor.predict(instruction, context, chosen(choices)),
    predictText: (text, choices) => predictor.predictText(text, chosen(choices)),
  }
}
