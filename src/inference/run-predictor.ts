import { InputError } from '../errors.ts'
import { loadSchema } from '../tasks/index.ts'
import { loadPredictor, type Predictor } from './predictor.ts'
import type { PredictorFiles, Question, Reply } from './predictor-process.ts'

// It ends with the process that started it, however that one ended.
process.once('disconnect', () => process.exit())

let predictor: Predictor | undefined
process.on('message', async (message: PredictorFiles | Question) => {
  const reply = await answer(message).catch((error: Error): Reply => ({ error: error.message, refused: error instanceof InputError }))
  process.send!(reply)
})

async function answer(message: PredictorFiles | Question): Promise<Reply> {
  if ('text' in message) return { prediction: await predictor!.predictText(message.text, { grammar: message.grammar }) }
  const { gguf, template, answersLike, name, schemaText } = message
  predictor = await loadPredictor({ gguf, template, answersLike, ...loadSchema({ name, file: `schemas/${name}.yaml`, text: schemaText }) })
  return {}
}
