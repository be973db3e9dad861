import { type Base, bases, estimate, parametersOf } from '../../setup/bases.ts'
import { readConfigs } from '../../setup/configs.ts'
import { inspectHost } from '../../setup/host.ts'
import { bold, dim, duration, print, printJson, size, table, yellow } from '../print.ts'

/** The catalogue, with what a train of 3,000 examples needs of each on this host. */
export async function listBases({ json }: { json?: boolean }): Promise<void> {
  const host = await inspectHost()
  const { sft: config } = await readConfigs('scratch')
  const found = bases.map((base) => ({ ...base, parameters: parametersOf(base, config), needs: estimate(base, host, { config }) }))
  if (json) {
    return printJson(found.map(({ id, hub, licence, gated, parameters, goodFor, needs: { memory, disk, seconds, obstacle } }) => ({
      id, hub: hub || null, licence, gated, parameters, good_for: goodFor, memory_bytes: memory, disk_bytes: disk, seconds, obstacle: obstacle ?? null,
    })))
  }
  print(table([
    ['base', 'hub id', 'licence', 'memory', 'disk', 'time here'],
    ...found.map((base) => [base.id, base.hub || 'made here', `${base.licence}${base.gated ? ' (gated)' : ''}`, size(base.needs.memory), size(base.needs.disk), `about ${duration(base.needs.seconds)}`]),
  ]))
  for (const { id, goodFor, needs } of found) print(`\n${bold(id)}: ${goodFor}${needs.obstacle ? yellow(`\n  ${needs.obstacle}`) : ''}`)
  print(dim(`\nMemory, disk and time are for 3,000 examples on this host (${host.gpu?.name ?? `${host.cores} cores`}), within a factor of two.`))
  if (found.some(isGated)) print(dim('Gated: accept the licence on the model\'s page on the hub and set HF_TOKEN; the token reaches only the download.'))
  print(dim('Any other hub id (owner/name) or a local folder works too: clitron train gh --base owner/name'))
}

const isGated = ({ gated }: Base) => gated
