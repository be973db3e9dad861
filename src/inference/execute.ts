import { execa } from 'execa'
import { InputError } from '../errors.ts'
import type { Answer } from './ask.ts'

/** Longest argument that is ever executed, in characters. */
const longestArgument = 1_000
const controlCharacter = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/

export interface ExecuteOptions {
  /** Asks the person; only called for the action `confirm`. Without it, nothing that needs a yes is executed. */
  confirm?: ((line: string) => Promise<boolean>) | undefined
  cwd?: string | undefined
  /** Where the program's output goes: the person's own stdout, or stderr where stdout carries a document. */
  output?: 'stdout' | 'stderr'
}

export interface Executed {
  executed: boolean
  /** Why not, as a sentence for the person. */
  reason?: string
  exitCode?: number
}

/**
 * Runs an answer as far as its threshold allows: `execute` at once, `confirm` after a yes, everything else never.
 * No shell: each argument reaches the program as it stands. Input and output are the person's own, but for `output`.
 * @throws InputError for an argument that could deceive a person or a terminal (control characters), is very long, or a program that is not installed
 */
export async function execute(answer: Answer, { confirm, cwd, output = 'stdout' }: ExecuteOptions = {}): Promise<Executed> {
  const { action, argv, line } = answer
  if (action !== 'execute' && action !== 'confirm') return { executed: false, reason: 'The model is not sure enough; nothing was executed.' }
  if (!argv?.length || line === null) return { executed: false, reason: 'The answer is not a command; nothing was executed.' }
  checkArguments(argv)
  if (action === 'confirm' && !(await confirm?.(line))) return { executed: false, reason: 'Not confirmed; nothing was executed.' }
  const [program, ...args] = argv as [string, ...string[]]
  const result = await execa(program, args, { shell: false, stdio: ['inherit', output === 'stdout' ? 'inherit' : process.stderr, 'inherit'], reject: false, buffer: false, ...(cwd ? { cwd } : {}) })
  if (result.exitCode === undefined && 'code' in result && result.code === 'ENOENT') {
    throw new InputError(`The program ${JSON.stringify(program)} is not installed, or not on PATH; install it to execute its commands.`)
  }
  return { executed: true, exitCode: result.exitCode ?? 1 }
}

/** @throws InputError naming the argument */
export function checkArguments(argv: string[]): void {
  for (const argument of argv) {
    if (controlCharacter.test(argument)) throw new InputError(`The argument ${JSON.stringify(argument.slice(0, 80))} holds control characters; it is not executed. Type the command yourself if it is meant.`)
    if (argument.length > longestArgument) throw new InputError(`An argument has ${argument.length} characters, at most ${longestArgument} are executed: ${JSON.stringify(argument.slice(0, 60))}… Type the command yourself if it is meant.`)
  }
}
