import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { root, tinyModel, Workspace } from '../workspace.ts'

/** One folder for all kinds of task: its server and worker start once, and the host is checked once. */
export const workspace = new Workspace([], { steps: 40, model: tinyModel })

/** A schema of the project, with those rows of its golden set that `choose` leaves. */
export function layOut(name: string, choose: (rows: string[]) => string[]): void {
  cpSync(join(root, `schemas/${name}.yaml`), workspace.path(`schemas/${name}.yaml`))
  const rows = readFileSync(join(root, `schemas/${name}.golden.jsonl`), 'utf8').trim().split('\n')
  writeFileSync(workspace.path(`schemas/${name}.golden.jsonl`), `${choose(rows).join('\n')}\n`)
}

/** A train of this size misses its gates, and does not go back to its data for them. @returns what `clitron train` says of a train that passed */
export async function trained(name: string, { examples, pairs }: { examples: number; pairs: number }): Promise<any> {
  const { exitCode, document, stderr } = await workspace.json(['train', name, '--num', `${examples}`, '--pairs', `${pairs}`, '--rounds', '0'])
  expect(exitCode, stderr).toBe(0)
  return document
}
