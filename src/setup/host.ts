import { availableParallelism, totalmem } from 'node:os'
import { tryRun } from './run.ts'

export type Host = {
  cores: number
  /** Bytes. */
  memory: number
  /** The training device beside the processor; Apple silicon shares the machine's memory. */
  gpu?: { kind: 'cuda' | 'mps'; name: string; memory: number }
}

/** What this machine trains with, from nvidia-smi and the system; torch is not asked (it takes seconds to load). */
export async function inspectHost(): Promise<Host> {
  const host: Host = { cores: availableParallelism(), memory: totalmem() }
  if (process.platform === 'darwin' && process.arch === 'arm64') return { ...host, gpu: { kind: 'mps', name: 'Apple silicon', memory: totalmem() * 0.75 } }
  const line = (await tryRun('nvidia-smi', ['--query-gpu=name,memory.total', '--format=csv,noheader,nounits'], 5000))?.split('\n')[0]
  const [name, mebibytes] = line?.split(', ') ?? []
  if (name && Number(mebibytes) > 0) host.gpu = { kind: 'cuda', name, memory: Number(mebibytes) * 2 ** 20 }
  return host
}
