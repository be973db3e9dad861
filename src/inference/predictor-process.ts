import { fork } from 'node:child_process'
import { InputError, type FailureType } from '../errors.ts'
import { ownFile } from '../paths.ts'
import { ChildFailed } from '../process/run.ts'
import type { CompanionFile } from './companion.ts'
import type { PredictChoices, Prediction, Predictor } from './predictor.ts'
import type { PromptTemplate } from './template.ts'

/** What `run-predictor` loads. */
export interface PredictorFiles {
  gguf: string
  template: PromptTemplate
  name: string
  schemaText: string
  /** GBNF; default: the family's grammar of the schema. */
  grammar?: string | undefined
  answersLike?: readonly string[] | undefined
  companion?: CompanionFile | undefined
}
export interface Question {
  text: string
  choices: PredictChoices | undefined
}
/** To the files and to each question: nothing but what it asks for, or why there is no answer. */
export type Reply = { prediction?: Prediction } | { error: string; type: FailureType }

/**
 * A predictor in a process of its own, for one question at a time. Of a small model's answer a third is JavaScript, which one process runs on
 * one core: two predictors side by side gave 38 answers a second, two processes 57.
 * @throws InputError when the GGUF or its template cannot be used
 */
export async function predictorProcess(files: PredictorFiles): Promise<Pick<Predictor, 'predictText' | 'close'>> {
  const child = fork(ownFile('inference/run-predictor'), [files.gguf], { execArgv: [], serialization: 'advanced', stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  const exited = new Promise<void>((resolve) => child.on('exit', () => resolve()).on('error', () => resolve()))
  const exchange = (message: PredictorFiles | Question) => new Promise<Prediction | undefined>((resolve, reject) => {
    const gone = () => reject(new ChildFailed('Interrupted', 'The process of the second predictor ended unexpectedly.'))
    child.once('exit', gone).once('error', gone)
    child.once('message', (reply: Reply) => {
      child.off('exit', gone).off('error', gone)
      if (!('error' in reply)) resolve(reply.prediction)
      else reject(reply.type === 'BadInput' ? new InputError(reply.error) : new ChildFailed(reply.type, reply.error))
    })
    child.send(message, (error) => error && reject(error))
  })
  const close = async () => {
    if (child.connected) child.disconnect()
    await exited
  }
  await exchange(files).catch(async (error: unknown) => {
    await close()
    throw error
  })
  return { predictText: async (text, choices) => (await exchange({ text, choices }))!, close }
}
