import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { activityInfo, Context } from '@temporalio/activity'
import { checkName } from '../paths.ts'
import { takeAway } from '../process/lock.ts'
import { ArtifactStore } from '../store/artifacts.ts'
import { forgetRun } from '../store/garbage.ts'
import { parseJson, readJson } from '../store/json-file.ts'
import { activity } from './stage.ts'

interface Holder {
  workflowId: string
  runId: string
}

const lockFile = (name: string) => join(new ArtifactStore().root, 'locks', `${checkName(name)}.json`)

/**
 * One run a training, whatever its workflow id (a schedule's runs have ids of their own): waits until the holder's run is over.
 * A holder that is gone without releasing (terminated, timed out) is found out by asking the server.
 */
export async function acquireTraining(name: string): Promise<void> {
  return activity('lock', async (progress, signal) => {
    const { workflowId, runId } = activityInfo().workflowExecution!
    const file = lockFile(name)
    await mkdir(dirname(file), { recursive: true })
    for (;;) {
      if (await create(file, { workflowId, runId })) return
      const text = await readFile(file, 'utf8').catch(() => undefined)
      const holder = text === undefined ? undefined : parseJson<Holder>(text)
      if (holder?.runId === runId) return
      // A lock appears whole: a cut one is of before a power failure.
      if (text !== undefined && !(holder && (await isRunning(holder)))) await takeAway(file, text)
      else {
        progress({ message: `waiting for ${holder?.workflowId ?? 'another run'}, which trains ${name}` })
        await wait(2000, undefined, { signal })
      }
    }
  })
}

export async function releaseTraining(name: string): Promise<void> {
  return activity('lock', async () => {
    const file = lockFile(name)
    const { runId } = activityInfo().workflowExecution!
    const holder = await readJson<Holder>(file)
    if (holder?.runId === runId) await rm(file, { force: true })
    await forgetRun(new ArtifactStore(), runId)
  })
}

/** Creates the lock whole or not at all: a hard link fails when the name is taken. */
async function create(file: string, holder: Holder): Promise<boolean> {
  const beside = `${file}.${randomUUID()}`
  await writeFile(beside, JSON.stringify(holder))
  try {
    await link(beside, file)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    await rm(beside, { force: true })
  }
}

async function isRunning({ workflowId, runId }: Holder): Promise<boolean> {
  try {
    const { status } = await Context.current().client.workflow.getHandle(workflowId, runId).describe()
    return status.name === 'RUNNING'
  } catch (error) {
    if ((error as Error).name === 'WorkflowNotFoundError') return false
    throw error
  }
}
