import { join } from 'node:path'
import type { Plan } from '../plan.ts'
import type { ArtifactStore } from '../store/artifacts.ts'
import { codeVersion } from '../store/code-version.ts'
import type { Ref } from '../store/ref.ts'
import { inputsKey } from '../store/memo.ts'

/** What, besides the brief, decides how a row comes out: who writes it. */
export function teacherKey(plan: Plan): string {
  const { kind, model, baseUrl } = plan.teacher
  return inputsKey(kind === 'offline' ? { kind, code: codeVersion('tasks', 'teacher') } : { kind, model, baseUrl })
}

/** What the last dataset of a training was made of: all its rows, and the batches that they came in. */
export interface RowsIndex {
  rows: Ref
  batches: Ref[]
}

/** Where the rows index of this training, teacher and seed stands. */
export const rowsIndexFile = (store: ArtifactStore, plan: Plan) => join(store.root, 'rows', `${plan.name}-${teacherKey(plan).slice(0, 16)}-${plan.seed}.json`)
