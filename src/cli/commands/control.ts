import { InputError } from '../../errors.ts'
import { pauseUpdate, resumeUpdate } from '../../workflows/messages.ts'
import { connectHere } from '../connect-here.ts'
import { ensureRunning } from '../ensure-running.ts'
import { note, print, printJson } from '../print.ts'
import { runOf } from '../run-state.ts'

/** Pause, resume or cancel the run that trains `name`, whatever started it. */
export async function control(verb: 'pause' | 'resume' | 'cancel', name: string, { budget, json }: { budget?: number; json?: boolean }): Promise<void> {
  // After `clitron down` (a new key, a restart of the machine) the run is still there; going on needs its server.
  if (verb === 'resume') await ensureRunning(note)
  const client = await connectHere(name)
  try {
    const handle = await runOf(client, name)
    const running = handle && (await handle.describe()).status.name === 'RUNNING'
    if (!running) throw new InputError(`Nothing trains ${name} at the moment; \`clitron train ${name}\` goes on from what is there.`)
    if (verb === 'cancel') {
      await handle.cancel()
      note(`Cancelling ${handle.workflowId}; a trainer writes a checkpoint first …`)
      await handle.result().catch(() => {})
    }
    const answer = await {
      cancel: async () => `${handle.workflowId} is cancelled; \`clitron train ${name}\` goes on from what is there.`,
      pause: () => handle.executeUpdate<string, []>(pauseUpdate),
      resume: () => handle.executeUpdate(resumeUpdate, { args: [budget === undefined ? {} : { budget }] }),
    }[verb]()
    if (json) printJson({ name, workflow: handle.workflowId, done: verb })
    else print(answer)
  } finally {
    await client.connection.close()
  }
}
