import { join } from 'node:path'
import type { Plan } from '../plan.ts'
import type { ArtifactStore } from '../store/artifacts.ts'
import { codeVersion } from '../store/code-version.ts'
import { inputsKey } from '../store/memo.ts'

/** What, besides the brief, decides how a row comes out: who writes it. */
export function teacherKey(plan: Plan): string {
  const { kind, model, baseUrl } = plan.teacher
  return inputsKey(kind === 'offline' ? { kind, code: codeVersion('tasks', 'teacher') } : { kind, model, baseUrl })
}

/** Which rows the last dataset of this training, teacher and seed was made of, by brief; a file of one ref. */
export const rowsIndexFile = (store: ArtifactStore, plan: Plan) => join(store.root, 'rows', `${plan.name}-${teacherKey(plan).slice(0, 16)}-${plan.seed}.json`)
