/** llama.cpp's own server, built from the sources that node-llama-cpp carries, so that it is of the version that Clitron serves with. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { cacheDir } from '../src/paths.ts'
import { withLock } from '../src/process/lock.ts'
import { llamaTag } from '../src/setup/llama-cpp.ts'
import { run, tryRun } from '../src/setup/run.ts'
import { freePair } from '../src/temporal/ports.ts'
import { say } from './compare.ts'

/** Path of the program; built once a version, in the user's cache: a quarter of an hour on two cores. @throws Error without git, cmake or a compiler */
export async function ensureLlamaServer(): Promise<string> {
  const program = cacheDir('bench', `llama-server-${llamaTag()}`)
  if (existsSync(program)) return program
  for (const tool of ['git', 'cmake']) if (!(await tryRun(tool, ['--version']))) throw new Error(`${tool} is needed to build llama.cpp's server, and was not found on PATH. Install it, and a C++ compiler, and run the command again.`)
  await mkdir(cacheDir('bench'), { recursive: true })
  await withLock(`${program}.lock`, async () => {
    if (existsSync(program)) return
    say('building llama.cpp\'s server from node-llama-cpp\'s sources (a quarter of an hour on two cores)')
    const work = `${program}.build`
    const [sources, build] = [join(work, 'sources'), join(work, 'build')]
    await rm(work, { recursive: true, force: true })
    const bundle = join(dirname(dirname(createRequire(import.meta.url).resolve('node-llama-cpp'))), 'llama', 'gitRelease.bundle')
    await run('git', ['clone', '--quiet', bundle, sources])
    // One program without libraries of its own, for this processor; its web page would be downloaded.
    const off = ['BUILD_SHARED_LIBS', 'LLAMA_BUILD_UI', 'LLAMA_BUILD_WEBUI', 'LLAMA_BUILD_TESTS', 'LLAMA_BUILD_EXAMPLES', 'LLAMA_OPENSSL', 'LLAMA_CURL'].map((option) => `-D${option}=OFF`)
    await run('cmake', ['-S', sources, '-B', build, '-DCMAKE_BUILD_TYPE=Release', ...off])
    await run('cmake', ['--build', build, '--target', 'llama-server', '--parallel', String(availableParallelism())])
    await rename(join(build, 'bin', 'llama-server'), program)
    await rm(work, { recursive: true, force: true })
  })
  return program
}

export interface ServerAnswer {
  content: string
  /** Tokens of the prompt. */
  tokens_evaluated: number
  /** "eos", "word" or "limit". */
  stop_type: string
}

export interface LlamaServer {
  ask(prompt: string): Promise<ServerAnswer>
  close(): Promise<void>
}

/** Starts it with one model for one question at a time, and waits until it answers. */
export async function startLlamaServer({ program, gguf, threads, contextSize, grammar, stop }: { program: string; gguf: string; threads: number; contextSize: number; grammar: string; stop: readonly string[] }): Promise<LlamaServer> {
  const { port } = await freePair(18_080)
  const child = spawn(program, ['-m', gguf, '--host', '127.0.0.1', '--port', String(port), '-t', String(threads), '-tb', String(threads), '-c', String(contextSize), '-np', '1', '--log-disable'], { stdio: 'ignore' })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()).once('error', () => resolve()))
  const stopped = () => child.kill('SIGKILL')
  process.once('exit', stopped)
  const close = async () => {
    child.kill()
    await ended
    process.off('exit', stopped)
  }
  const url = `http://127.0.0.1:${port}`
  for (let tries = 0; !(await fetch(`${url}/health`).then(({ ok }) => ok, () => false)); tries++) {
    if (tries === 600 || child.exitCode !== null) {
      await close()
      throw new Error(`llama.cpp's server did not start (exit code ${child.exitCode}): ${program} -m ${gguf}`)
    }
    await wait(100)
  }
  return {
    close,
    async ask(prompt) {
      const response = await fetch(`${url}/completion`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ prompt, grammar, temperature: 0, n_predict: 768, cache_prompt: true, stop }) })
      if (!response.ok) throw new Error(`llama.cpp's server answered ${response.status}: ${(await response.text()).slice(0, 300)}`)
      return (await response.json()) as ServerAnswer
    },
  }
}
