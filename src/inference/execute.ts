import { execa } from 'execa'
import { InputError } from '../errors.ts'
import { deceiving, visible } from '../text.ts'
import type { Answer } from './ask.ts'

/** Longest argument that is ever executed, in characters. */
const longestArgument = 1_000

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
 * No shell: each argument reaches the program as it stands. Input and output are the person's own, but for `output`; how long
 * the program runs and how much it says is up to it, as if the person had typed the command.
 * @throws InputError for what `checkArguments` refuses, and for a program that is not installed
 */
export async function execute(answer: Answer, { confirm, cwd, output = 'stdout' }: ExecuteOptions = {}): Promise<Executed> {
  const { action, argv, line, handed_on } = answer
  if (action !== 'execute' && action !== 'confirm') return { executed: false, reason: 'The model is not sure enough; nothing was executed.' }
  if (!argv?.length || line === null) return { executed: false, reason: 'The answer is not a command; nothing was executed.' }
  checkArguments(argv, handed_on)
  if (action === 'confirm' && !(await confirm?.(line))) return { executed: false, reason: 'Not confirmed; nothing was executed.' }
  const [program, ...args] = argv as [string, ...string[]]
  const result = await execa(program, args, { shell: false, stdio: ['inherit', output === 'stdout' ? 'inherit' : process.stderr, 'inherit'], reject: false, buffer: false, ...(cwd ? { cwd } : {}) })
  if (result.exitCode === undefined && 'code' in result && result.code === 'ENOENT') {
    throw new InputError(`The program ${JSON.stringify(program)} is not installed, or not on PATH; install it to execute its commands.`)
  }
  return { executed: true, exitCode: result.exitCode ?? 1 }
}

/**
 * What must not reach a program, whatever its schema allows.
 * @param handedOn so many words at the end are a command for another program, whose own options may stand there
 * @throws InputError naming the argument, with the reason
 */
export function checkArguments(argv: string[], handedOn = 0): void {
  const refuse = (what: string, argument: string): never => {
    throw new InputError(`${what} (${visible(JSON.stringify(argument.slice(0, 80)))}); it is not executed. Type the command yourself if it is meant.`)
  }
  if (/[\\/]/.test(argv[0]!)) refuse('The program is named by a path, expected its name alone', argv[0]!)
  const separator = argv.indexOf('--')
  for (const [index, argument] of argv.entries()) {
    if (deceiving.test(argument)) refuse('An argument holds control characters', argument)
    if (argument.length > longestArgument) refuse(`An argument has ${argument.length} characters, at most ${longestArgument} are executed`, argument)
    // Behind `--` it is no option of the program; some (gh repo clone) hand what stands there to git, which reads it as one.
    if (separator >= 0 && index > separator && index < argv.length - handedOn && /^-./.test(argument)) refuse('A word of its own begins with a dash and could be taken for an option', argument)
  }
}
