import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { execa, type Options, type ResultPromise } from 'execa'
import { parse, stringify } from 'yaml'

export const root = resolve(import.meta.dirname, '../..')
export const bin = join(root, 'bin', 'clitron.js')

/** A model of which nobody wants to know how good it is. */
export const tinyModel = { layers: 'ca', hidden_size: 64, intermediate_size: 128, num_attention_heads: 2 }

/** An empty folder with one small schema, as a user would have it; its server and worker are its own. */
export class Workspace {
  readonly folder = mkdtempSync(join(tmpdir(), 'clitron-e2e-'))
  // Measured twice under load, the precision could come out differently, and then so would the model.
  readonly environment: Record<string, string> = { CLITRON_PRECISION: 'fp32' }

  constructor(schemas: string[] = ['notes'], { steps = 150, model = {} }: { steps?: number; model?: Record<string, unknown> } = {}) {
    mkdirSync(join(this.folder, 'schemas'))
    for (const name of schemas) {
      cpSync(join(root, 'tests/fixtures', `${name}.yaml`), join(this.folder, 'schemas', `${name}.yaml`))
      cpSync(join(root, 'tests/fixtures', `${name}.golden.jsonl`), join(this.folder, 'schemas', `${name}.golden.jsonl`))
    }
    // A folder's own training/configs win over the package's: fewer steps, the same everything else.
    const config = parse(readFileSync(join(root, 'training/configs/scratch_config.yaml'), 'utf8'))
    config.sft.training.steps = steps
    Object.assign(config.sft.model, model)
    mkdirSync(join(this.folder, 'training/configs'), { recursive: true })
    writeFileSync(join(this.folder, 'training/configs/scratch_config.yaml'), stringify(config))
  }

  path(...parts: string[]): string {
    return join(this.folder, ...parts)
  }

  run(args: string[], options: Options = {}): ResultPromise {
    return execa(process.execPath, [bin, ...args], { cwd: this.folder, env: this.environment, reject: false, stdin: 'ignore', ...options })
  }

  /** Runs a command that prints one JSON document. */
  async json(args: string[]): Promise<{ exitCode: number | undefined; document: any; stderr: string }> {
    const { exitCode, stdout, stderr } = await this.run([...args, '--json'])
    try {
      return { exitCode, document: JSON.parse(String(stdout)), stderr: String(stderr) }
    } catch {
      throw new Error(`\`clitron ${args.join(' ')} --json\` (exit ${exitCode}) printed no JSON document: ${String(stdout).slice(0, 500)}\n${String(stderr).slice(-3000)}`)
    }
  }

  up(): { server: { pid: number }; worker: { pid: number }; supervisor: { pid: number }; address: string } {
    return JSON.parse(readFileSync(this.path('.clitron/up.json'), 'utf8'))
  }

  async remove(): Promise<void> {
    await this.run(['down'])
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** Polls until `probe` gives something; fails after `seconds`. */
export async function until<T>(what: string, seconds: number, probe: () => Promise<T | undefined | false> | T | undefined | false): Promise<T> {
  const end = Date.now() + seconds * 1000
  for (;;) {
    const value = await probe()
    if (value) return value
    if (Date.now() > end) throw new Error(`Not within ${seconds} s: ${what}.`)
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

/** Process ids whose command line matches. */
export async function processes(pattern: RegExp): Promise<number[]> {
  const { stdout } = await execa('ps', ['-eo', 'pid=,args='])
  return stdout.split('\n').filter((line) => pattern.test(line)).map((line) => Number(line.trim().split(' ')[0])).filter((pid) => pid !== process.pid)
}
