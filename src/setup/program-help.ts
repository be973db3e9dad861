import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { execa } from 'execa'
import type { Hooks } from '../dataset/hooks.ts'
import { InputError } from '../errors.ts'
import { mapWide } from '../inference/concurrency.ts'
import { readHelp, type HelpPage } from '../tasks/cli/help/page.ts'
import type { HelpPages } from '../tasks/cli/help/schema.ts'

/** A help that takes longer is given up. */
const timeout = 10_000
/** Characters of one help page. */
const longest = 1_000_000
/** Pages of one program. */
const mostPages = 2_000

/**
 * Asks an installed program and its commands for their `--help`, two words deep. Nothing else of it is ever run: without a shell,
 * without input, in an empty folder with an empty home, with a time limit, and without this process's environment.
 * @throws InputError when there is no such program, or its help names no commands
 */
export async function programHelp(called: string, hooks: Hooks = {}): Promise<HelpPages> {
  // It is run in another folder.
  const program = /[\\/]/.test(called) ? resolve(called) : called
  const home = await mkdtemp(join(tmpdir(), 'clitron-help-'))
  try {
    const root = await pageOf(program, [], home, hooks.signal)
    if (!root?.commands.length) throw new InputError(`\`${called} --help\`, asked with an empty home, names no commands that could be read, and a schema is made of commands. Begin with \`clitron init NAME\` and write them yourself.`)
    const pages = new Map([['', root]])
    let asked = 1
    const walk = async (paths: string[][]) => {
      await mapWide(paths.slice(0, mostPages - pages.size), availableParallelism(), async (path) => {
        hooks.signal?.throwIfAborted()
        const page = await pageOf(program, path, home, hooks.signal)
        if (page) pages.set(path.join(' '), page)
        hooks.onProgress?.({ message: `${program} ${path.join(' ')} --help`, step: ++asked, steps: asked + paths.length })
      })
    }
    await walk(root.commands.map(({ name }) => [name]))
    await walk(root.commands.flatMap(({ name }) => (pages.get(name)?.commands ?? []).map((sub) => [name, sub.name])))
    return pages
  } finally {
    await rm(home, { recursive: true, force: true })
  }
}

/** The page of a command; undefined where its help cannot be read. A command that does not know `--help` shows its parent's: that is none. */
async function pageOf(program: string, path: string[], home: string, signal: AbortSignal | undefined): Promise<HelpPage | undefined> {
  const { stdout, stderr, failed, code } = await execa(program, [...path, '--help'], {
    cwd: home, extendEnv: false, stdin: 'ignore', reject: false, timeout, maxBuffer: longest, forceKillAfterDelay: 1_000, ...(signal && { cancelSignal: signal }),
    env: {
      PATH: process.env.PATH ?? '', HOME: home, USERPROFILE: home, TMPDIR: home, XDG_CONFIG_HOME: home, XDG_CACHE_HOME: home, XDG_DATA_HOME: home,
      // Plain and wide, and no pager that waits for a key.
      LC_ALL: 'C.UTF-8', TERM: 'dumb', NO_COLOR: '1', COLUMNS: '120', MANWIDTH: '100', PAGER: 'cat', MANPAGER: 'cat', GIT_PAGER: 'cat',
    },
  })
  if (code === 'ENOENT' || code === 'EACCES') throw new InputError(`${program} cannot be run: it is not on the PATH, or is no program. Give its name as you type it, or its path.`)
  const text = stdout.trim() === '' ? stderr : stdout
  if (text.trim() === '' || (failed && !/usage|options|flags/i.test(text))) return undefined
  return readHelp(text, [program.split(/[\\/]/).at(-1)!, ...path])
}
