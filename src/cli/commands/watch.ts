import type { WorkflowHandle } from '@temporalio/client'
import { ExitCode, InputError } from '../../errors.ts'
import type { TrainResult } from '../../workflows/train.ts'
import { bringBack } from '../bring-back.ts'
import { connectHere } from '../connect-here.ts'
import { explain } from '../explain.ts'
import { follow, outcome } from '../follow.ts'
import { note, print, printJson } from '../print.ts'
import { runOf } from '../run-state.ts'

export async function watch(name: string, { json }: { json?: boolean }): Promise<void> {
  const client = await connectHere(name)
  try {
    const handle = await runOf(client, name)
    if (!handle) throw new InputError(`No run of ${name} is known; start one with \`clitron train ${name}\`.`)
    const ended = await follow(handle, name, json ? process.stderr : process.stdout)
    if ('detached' in ended) {
      process.exitCode = ExitCode.cancelled
      if (json) printJson({ name, workflow: handle.workflowId, detached: true })
      return note(`\n${handle.workflowId} goes on without this terminal. Watch it: clitron watch ${name}. Pause it: clitron pause ${name}. End it: clitron cancel ${name}.`)
    }
    if ('waiting' in ended) {
      process.exitCode = ExitCode.waiting
      if (json) printJson({ name, workflow: handle.workflowId, waiting: ended.waiting })
      return note(`It waits for you: ${ended.waiting}\nGo on with: clitron resume ${name}`)
    }
    const result = await outcome<TrainResult>(handle, name).catch((error: unknown) => {
      const { message, code, type } = explain(error)
      process.exitCode = code
      if (json) printJson({ name, workflow: handle.workflowId, error: { type, message } })
      note(message)
    })
    if (!result) return
    const folders = await filesOf(result, handle)
    if (json) printJson({ ...result, folders })
    else print(`${handle.workflowId} is done${folders.length ? `: ${folders.map((folder) => `${folder}/`).join(', ')}` : '.'}`)
  } finally {
    await client.connection.close()
  }
}

/** The run is over, well: that its files cannot be had here (another store, or `clitron gc` removed them) is no fault of it. */
async function filesOf(result: TrainResult, handle: WorkflowHandle): Promise<string[]> {
  try {
    return await bringBack(result, (await handle.describe()).type)
  } catch (error) {
    note(`Its files are not brought here: ${explain(error).message}`)
    return []
  }
}
