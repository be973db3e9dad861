import type { FailureType } from '../errors.ts'
import { loadSchema } from '../tasks/index.ts'
import { loadPredictor, type Predictor } from './predictor.ts'
import type { PredictorFiles, Question, Reply } from './predictor-process.ts'

// It ends with the process that started it, however that one ended.
process.once('disconnect', () => process.exit())

let predictor: Predictor | undefined
process.on('message', async (message: PredictorFiles | Question) => {
  const reply = await answer(message).catch((error: Error & { type?: FailureType }): Reply => ({ error: error.message, type: error.type ?? 'TrainerError' }))
  process.send!(reply)
})

async function answer(message: PredictorFiles | Question): Promise<Reply> {
  if ('text' in message) return { prediction: await predictor!.predictText(message.text, message.choices) }
  const { name, schemaText, ...files } = message
  predictor = await loadPredictor({ ...files, ...loadSchema({ name, file: `schemas/${name}.yaml`, text: schemaText }) })
  return {}
}
