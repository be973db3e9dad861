/**
 * What durability costs: the wall time of `clitron train NAME` against what its stages' own commands take.
 *
 *   node bench/overhead.ts gh [--num 3000] [--pairs 1000] [--out FOLDER]
 *
 * The trainers' and stations' commands are timed inside the one train, from outside (by the processes' lives), so that both figures
 * are of the same minutes of the same machine: on a machine whose speed drifts, two runs cannot be compared to a few percent. The offline
 * teacher, which runs inside the worker, is timed by itself before. Linux only. Set-up (Python, Temporal CLI) must be done before.
 * Prints one JSON document: seconds of each, their ratio (bar: 1.05), the most memory the worker took while a trainer ran (bar: 400 MB), the
 * size of the run's history (bars: 1,500 events, 1 MB), and the seconds of the same command again, when all is up to date (bar: 10).
 * Ends with 1 when the ratio is above its bar.
 */
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { Client, Connection } from '@temporalio/client'
import { execa } from 'execa'
import { loadSchema } from '../src/tasks/index.ts'
import { planBriefs } from '../src/teacher/briefs.ts'

const root = resolve(import.meta.dirname, '..')
const { positionals, values } = parseArgs({ allowPositionals: true, options: { num: { type: 'string' }, pairs: { type: 'string' }, out: { type: 'string' } } })
const name = positionals[0] ?? 'gh'
/** At most this much of the stages' own time. */
const bar = 1.05
const folder = mkdtempSync(join(tmpdir(), 'clitron-overhead-'))
const sizes = [...(values.num ? ['--num', values.num] : []), ...(values.pairs ? ['--pairs', values.pairs] : [])]

/** The teacher's rows as a person's script would write them. */
function generateSeconds(): number {
  const started = performance.now()
  const file = join(root, 'schemas', `${name}.yaml`)
  const { family, schema } = loadSchema({ name, file, text: readFileSync(file, 'utf8') })
  const briefs = planBriefs(family, schema, { num: values.num ? Number(values.num) : undefined, seed: 1, teacher: 'offline', base: 'scratch' })
  for (const brief of briefs) JSON.stringify({ ...family.writeOffline(schema, brief, 1), id: brief.key })
  return (performance.now() - started) / 1000
}

/** Looks every 100 ms at which of a run's commands are alive, and how large the worker is. */
function watch(workspace: string): () => { commands: Record<string, number>; busy: number; workerMegabytes: number } {
  const lives = new Map<string, { script: string; from: number; to: number }>()
  let workerMegabytes = 0
  const look = () => {
    const now = performance.now() / 1000
    let worker = 0
    let training = false
    for (const pid of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
      try {
        const args = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
        if (args.some((arg) => arg.startsWith(join(workspace, '.clitron/work')))) {
          const script = args.find((arg) => /\.(py|ts|js)$/.test(arg))?.split('/').at(-1) ?? args[0]!
          const life = lives.get(pid) ?? { script, from: now, to: now }
          life.to = now
          lives.set(pid, life)
          training ||= /^(sft|dpo)\.py$/.test(script)
        } else if (args.some((arg) => /\bworker\.[jt]s$/.test(arg)) && readlinkSync(`/proc/${pid}/cwd`) === workspace) {
          const resident = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
          worker = Number(resident?.[1] ?? 0) / 1024
        }
      } catch {
        // Gone between two looks.
      }
    }
    if (training) workerMegabytes = Math.max(workerMegabytes, worker)
  }
  const timer = setInterval(look, 100)
  return () => {
    clearInterval(timer)
    const commands: Record<string, number> = {}
    let busy = 0
    let until = 0
    for (const { script, from, to } of [...lives.values()].sort((a, b) => a.from - b.from)) {
      commands[script] = (commands[script] ?? 0) + to - from
      // Commands side by side count once: they are what the run waits for.
      busy += Math.max(0, to - Math.max(from, until))
      until = Math.max(until, to)
    }
    return { commands, busy, workerMegabytes }
  }
}

const workspace = join(folder, 'workspace')
try {
  mkdirSync(join(workspace, 'schemas'), { recursive: true })
  for (const file of [`${name}.yaml`, `${name}.golden.jsonl`]) if (existsSync(join(root, 'schemas', file))) cpSync(join(root, 'schemas', file), join(workspace, 'schemas', file))
  cpSync(join(root, 'training/configs'), join(workspace, 'training/configs'), { recursive: true })
  const clitron = (...args: string[]) => execa(process.execPath, [join(root, 'bin/clitron.js'), ...args], { cwd: workspace, stdin: 'ignore' })
  const generate = generateSeconds()
  const { address } = JSON.parse((await clitron('up', '--json')).stdout) as { address: string }
  const stop = watch(workspace)
  const started = performance.now()
  await clitron('train', name, ...sizes, '--json')
  const train = (performance.now() - started) / 1000
  const { commands, busy, workerMegabytes } = stop()
  const direct = busy + generate
  const connection = await Connection.connect({ address })
  const { historyLength: events, historySize: bytes } = await new Client({ connection }).workflow.getHandle(`train-${name}`).describe()
  await connection.close()
  const again = performance.now()
  await clitron('train', name, ...sizes, '--json')
  const againSeconds = (performance.now() - again) / 1000
  if (values.out) cpSync(join(workspace, 'training'), values.out, { recursive: true })
  const ratio = train / direct
  process.stdout.write(`${JSON.stringify({ name, train_seconds: train, direct_seconds: direct, ratio, worker_megabytes: Math.round(workerMegabytes), history: { events, bytes }, again_seconds: againSeconds, seconds: { generate, ...commands } }, null, 2)}\n`)
  if (ratio > bar) {
    process.stderr.write(`not passed: the train took ${ratio.toFixed(3)} times what its stages took, ${bar} is the bar\n`)
    process.exitCode = 1
  }
} finally {
  await execa(process.execPath, [join(root, 'bin/clitron.js'), 'down'], { cwd: workspace, stdin: 'ignore', reject: false })
  rmSync(folder, { recursive: true, force: true })
}
