import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { publishedFiles } from '../dataset/published.ts'
import type { Plan } from '../plan.ts'
import { ArtifactStore } from '../store/artifacts.ts'
import { sweepParts, writeAtomically } from '../store/atomic.ts'
import { codeVersion } from '../store/code-version.ts'
import { sealed } from '../store/json-file.ts'
import type { Ref } from '../store/ref.ts'
import { dataFolder } from './data-folder.ts'
import { madeBy } from './made-by.ts'
import { rowsIndexFile, type RowsIndex } from './rows-index.ts'
import { stage } from './stage.ts'

/** Validates, removes doubles and contradictions, splits by intent, checks for leaks, and writes the dataset's files. */
export async function buildDataset(plan: Plan, rows: { batches: Ref[]; added?: Ref[] }): Promise<{ dataset: Ref; facts: Record<string, unknown>; upToDate: boolean; seconds: number }> {
  const inputs = { schema: plan.schema.sha256, batches: rows.batches.map((ref) => ref.sha256), added: rows.added?.map((ref) => ref.sha256), imported: plan.imported?.sha256, golden: plan.golden?.sha256, seed: plan.seed, name: plan.name, code: codeVersion('tasks', 'teacher', 'dataset', 'activities/build-dataset', 'activities/made-by') }
  const output = await stage('dataset', plan.name, inputs, async ({ store, work, child }) => {
    const local = async (ref: Ref | undefined, name: string) => {
      if (!ref) return undefined
      await store.fetchFile(ref, join(work, name))
      return join(work, name)
    }
    const batches = await Promise.all(rows.batches.map((ref, index) => local(ref, `batch-${index}.jsonl`)))
    const added = rows.added && (await Promise.all(rows.added.map((ref, index) => local(ref, `added-${index}.jsonl`))))
    const outDir = join(work, 'dataset')
    await rm(outDir, { recursive: true, force: true })
    const { facts } = await child({
      program: 'node', script: 'dataset/run-assemble',
      spec: { name: plan.name, schema: await local(plan.schema, 'schema.yaml'), batches, ...(added && { added }), imported: await local(plan.imported, 'imported.jsonl'), golden: await local(plan.golden, 'golden.jsonl'), outDir, seed: plan.seed, command: await madeBy(store, plan, plan.round ? 'train' : 'generate') },
    })
    const dataset = await store.putTree(outDir, 'dataset')
    // A challenger's seed is its own: nobody would look for its rows, and the index would keep them for ever. Those of a round are in its memo.
    if (!plan.retrain && !plan.round) await indexRows(store, plan, rows.batches)
    return { trees: { dataset }, facts: facts as Record<string, unknown> }
  })
  const dataset = output.trees!.dataset!
  // Also when nothing was made: somebody may have deleted the files, or stand in another folder.
  await sweepParts(dataFolder(plan))
  await new ArtifactStore().fetchTree(dataset, dataFolder(plan), (path) => publishedFiles.test(path))
  await rm(dataFolder(plan, 'train_progress.jsonl'), { force: true })
  return { ...output, dataset, facts: output.facts ?? {} }
}

async function indexRows(store: ArtifactStore, plan: Plan, batches: Ref[]): Promise<void> {
  const texts = await Promise.all(batches.map((ref) => store.readText(ref)))
  const index: RowsIndex = { rows: await store.putText(texts.join(''), 'rows'), batches }
  await writeAtomically(rowsIndexFile(store, plan), sealed(index))
}
