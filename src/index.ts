import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Row } from './dataset/row.ts'
import type { Answer } from './inference/ask.ts'
import { modelDir } from './paths.ts'

export type { Answer } from './inference/ask.ts'
export type { Action } from './inference/thresholds.ts'

/** A trained model, ready to answer. */
export interface Model {
  /** @throws when the question is empty or longer than 4,000 characters */
  ask(instruction: string, options?: { context?: Row['context'] }): Promise<Answer>
  close(): Promise<void>
}

/**
 * Loads a trained model: `const gh = await load('gh'); await gh.ask('show my open pull requests')`.
 * @param pathOrName a bundle (`.tgz`, its folder, the GGUF in it), or the name of a training in the current folder
 */
export async function load(pathOrName: string): Promise<Model> {
  // llama.cpp's binding is loaded only when somebody asks for a model.
  const { loadAsker } = await import('./inference/ask.ts')
  const asker = await loadAsker(resolveModel(pathOrName))
  return { ask: (instruction, { context = null } = {}) => asker.ask(instruction, context), close: () => asker.close() }
}

/** A training's name stands for the bundle that `clitron train NAME` leaves; anything else is a path. */
function resolveModel(pathOrName: string): string {
  if (/[\\/.]/.test(pathOrName)) return pathOrName
  const bundle = modelDir(pathOrName)
  return existsSync(join(bundle, 'clitron.json')) || !existsSync(pathOrName) ? bundle : pathOrName
}
