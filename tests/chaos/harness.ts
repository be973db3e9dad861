import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { Client, Connection } from '@temporalio/client'
import { execa } from 'execa'
import { parse, stringify } from 'yaml'
import { hashFile } from '../../src/store/artifacts.ts'
import { processes, tinyModel, until, Workspace } from '../e2e/workspace.ts'

/** The smallest train in which every stage runs. */
export const small = ['--num', '120', '--pairs', '24']

/** Files with times or speeds in them; every other published file must come out the same, whatever was killed on the way. */
const timed = /(^|\/)(metrics\.jsonl|report\.(html|json)|MODEL\.md|improvement_log\.json|training_metrics\.json|clitron\.json|[^/]*\.tgz|versions\/\d+\.json)$/

/** A workspace whose train is disturbed, or the undisturbed one that it is compared with. */
export class Chaos extends Workspace {
  constructor(environment: Record<string, string> = {}, { steps = 20 }: { steps?: number } = {}) {
    super(['notes'], { steps, model: { ...tinyModel, vocab_size: 400 } })
    // A temporary folder of its own, so that what a killed process leaves there is seen.
    mkdirSync(this.path('tmp'))
    Object.assign(this.environment, { TMPDIR: this.path('tmp'), ...environment })
    const file = this.path('training/configs/scratch_config.yaml')
    const config = parse(readFileSync(file, 'utf8'))
    Object.assign(config.sft.training, { batch_size: 8, warmup_steps: 4 })
    Object.assign(config.dpo.training, { per_device_train_batch_size: 8 })
    writeFileSync(file, stringify(config))
    // Nobody wants to know how good this model is.
    const golden = this.path('schemas/notes.golden.jsonl')
    writeFileSync(golden, `${readFileSync(golden, 'utf8').split('\n').slice(0, 8).join('\n')}\n`)
  }

  train(...more: string[]) {
    return this.json(['train', 'notes', ...small, ...more])
  }

  /** Hash of every published file that does not depend on the time it took. */
  async published(): Promise<Record<string, string>> {
    const found: Record<string, string> = {}
    for (const folder of ['training/data', 'training/models']) for (const file of this.files(folder)) if (!timed.test(file)) found[file] = (await hashFile(this.path(file))).sha256
    return found
  }

  /** What a finished run must not leave: half-written and temporary files, and work folders of stages that are recorded. */
  strays(): string[] {
    // PyTorch keeps one empty folder for all of a user's trainings.
    const temporary = readdirSync(this.path('tmp')).filter((name) => !name.startsWith('torchinductor_')).map((name) => `tmp/${name}`)
    return [...temporary, ...this.files('training').filter((file) => /\.(part|tmp|old)$|\/\.[^/]*$/.test(file)), ...this.files('.clitron/work').filter((file) => !file.endsWith('.json') || file.includes('lease'))]
  }

  /** Children of this folder's worker, by their command lines: trainers and stations. */
  children(script = ''): Promise<number[]> {
    return processes(new RegExp(`(trainers/|/src/).*${script}.* ${this.folder}/`))
  }

  async client(): Promise<Client> {
    return new Client({ connection: await Connection.connect({ address: this.up().address, connectTimeout: '10 seconds' }) })
  }

  /** Waits until the run is at `stage`, with its child at work. */
  async atWork(stage: string, script: string, seconds = 300): Promise<number[]> {
    return until(`${stage} is at work`, seconds, async () => {
      const found = await this.children(script)
      return found.length > 0 && found
    })
  }

  files(folder: string): string[] {
    const root = this.path(folder)
    try {
      return readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map((entry) => relative(this.folder, join(entry.parentPath, entry.name))).sort()
    } catch {
      return []
    }
  }

  log(name: 'worker' | 'server' | 'supervisor'): string {
    return readFileSync(this.path('.clitron/logs', `${name}.log`), 'utf8')
  }
}

/** What a train that nothing disturbs publishes; `args` as `clitron` takes them. */
export async function undisturbed(args = ['train', 'notes', ...small], environment: Record<string, string> = {}, options: { steps?: number } = {}): Promise<Record<string, string>> {
  const chaos = new Chaos(environment, options)
  try {
    const { exitCode, stderr } = await chaos.json(args)
    if (exitCode !== 0) throw new Error(`The undisturbed run failed (exit ${exitCode}): ${stderr.slice(-2000)}`)
    return await chaos.published()
  } finally {
    await chaos.remove()
  }
}

/** Sends a signal; a process that is gone meanwhile needs none. */
export function send(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal)
  } catch {
    return false
  }
}

/** Whatever a process has started, and what that has started in turn. */
export async function descendants(pid: number): Promise<number[]> {
  const { stdout } = await execa('ps', ['-eo', 'pid=,ppid='])
  const all = stdout.trim().split('\n').map((line) => line.trim().split(/\s+/).map(Number) as [number, number])
  const below = (of: number): number[] => all.filter(([, parent]) => parent === of).flatMap(([child]) => [child, ...below(child)])
  return below(pid)
}

/** @throws when one of them is still there after a minute */
export async function secondsUntilGone(pids: number[]): Promise<number> {
  const began = Date.now()
  await until(`the processes ${pids.join()} of a killed worker are gone`, 60, () => !pids.some(isThere))
  return (Date.now() - began) / 1000
}

export const isThere = (pid: number) => {
  try {
    // A zombie has ended; its parent has only not looked yet.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}
