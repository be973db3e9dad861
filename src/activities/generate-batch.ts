import { appendFile, mkdir, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { activityInfo } from '@temporalio/activity'
import type { Plan } from '../plan.ts'
import { writeAtomically } from '../store/atomic.ts'
import type { Ref } from '../store/ref.ts'
import type { Brief } from '../tasks/family.ts'
import { loadSchema } from '../tasks/index.ts'
import { teacher } from '../teacher/index.ts'
import { dataFolder } from './data-folder.ts'
import { teacherKey } from './rows-index.ts'
import { stage } from './stage.ts'
import { timeLeft } from './time-left.ts'

export interface BatchRange {
  briefs: Ref
  from: number
  to: number
  total: number
  budget?: number | undefined
}

/** Has the teacher write one range of the plan. Rows carry their brief's key as id; the dataset stage validates them. */
export async function generateBatch(plan: Plan, range: BatchRange): Promise<{ batch: Ref; dollars: number; upToDate: boolean }> {
  const inputs = { schema: plan.schema.sha256, teacher: teacherKey(plan), seed: plan.seed, briefs: range.briefs.sha256, from: range.from, to: range.to, ...(plan.force && { run: activityInfo().workflowExecution?.runId }) }
  const output = await stage('generate', plan.name, inputs, async ({ store, progress, signal }) => {
    const { family, schema } = loadSchema({ name: plan.name, file: `schemas/${plan.name}.yaml`, text: await store.readText(plan.schema) })
    const lines = (await store.readText(range.briefs)).split('\n')
    const briefs = lines.slice(range.from, range.to).map((line) => JSON.parse(line) as Brief)
    const left = sharedTimeLeft(range)
    const written = await teacher(plan).write({
      family, schema, briefs, seed: plan.seed, budget: range.budget, training: plan.name, signal, forcedBy: plan.forcedBy,
      onProgress: ({ done, dollars, message }) => progress({ step: range.from + done, steps: range.total, eta_seconds: left(done), ...(dollars !== undefined && { dollars }), ...(message && { message }) }),
    })
    const rows = written.rows.map((row) => JSON.stringify(row)).join('\n')
    const batch = await store.putText(rows ? `${rows}\n` : '', 'rows')
    await noteProgress(plan, rows)
    return { files: { batch }, facts: { dollars: written.dollars, rows: written.rows.length } }
  })
  return { batch: output.files!.batch!, dollars: output.upToDate ? 0 : Number(output.facts?.dollars ?? 0), upToDate: output.upToDate }
}

/** By the list of what is missing: the batches of a run are written at the same time, so only all of them together tell the pace. */
const paces = new Map<string, { left: ReturnType<typeof timeLeft>; step: number }>()

function sharedTimeLeft({ briefs, from, total }: BatchRange): (done: number) => number | undefined {
  const pace = paces.get(briefs.sha256) ?? { left: timeLeft(), step: from }
  paces.set(briefs.sha256, pace)
  pace.left({ step: pace.step, steps: total })
  let before = 0
  return (done) => {
    pace.step += done - before
    before = done
    if (pace.step >= total) paces.delete(briefs.sha256)
    return pace.left({ step: pace.step, steps: total })
  }
}

/** train_progress.jsonl: what is written so far, for people; a resumed run goes by the store. */
async function noteProgress(plan: Plan, rows: string): Promise<void> {
  const file = dataFolder(plan, 'train_progress.jsonl')
  const before = await readFile(file, 'utf8').catch(() => '')
  // Cut after a crash, the file may hold half of a batch, or half of a line.
  const whole = before.slice(0, before.lastIndexOf('\n') + 1)
  const there = new Set(whole.includes(firstLine(rows)) ? whole.split('\n') : [])
  const fresh = rows.split('\n').filter((line) => line && !there.has(line))
  if (whole !== before) await writeAtomically(file, whole)
  if (fresh.length === 0) return
  await mkdir(dirname(file), { recursive: true })
  await appendFile(file, `${fresh.join('\n')}\n`)
}

const firstLine = (text: string) => text.slice(0, text.indexOf('\n') + 1 || text.length)
