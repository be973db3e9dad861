import { down } from '../../temporal/supervisor.ts'
import { setUpAndStart } from '../ensure-running.ts'
import { note, print, printJson } from '../print.ts'

export async function start({ port, json }: { port?: number; json?: boolean }): Promise<void> {
  const state = await setUpAndStart({ onProgress: json ? note : print, ...(port !== undefined && { port }) })
  if (json) return printJson(state)
  print(`Server at ${state.address}, Web UI at ${state.uiAddress}; both and the worker keep running. Stop them with \`clitron down\`.`)
}

export async function stop({ json }: { json?: boolean }): Promise<void> {
  const stopped = await down()
  if (json) return printJson({ stopped })
  print(stopped ? 'Server and worker are stopped; runs under way go on with the next `clitron up`.' : 'Nothing was running here.')
}
