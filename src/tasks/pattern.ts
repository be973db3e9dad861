import { createContext, Script } from 'node:vm'

/** Longest that a pattern may think, in milliseconds of this thread's own time: what people write takes microseconds. */
const patience = 150
/** A machine that is busy elsewhere is no fault of the pattern: so often it is asked again before it had its time. */
const mostTries = 40

const compiled = new Map<string, RegExp | undefined>()

/** A schema's pattern as an expression; undefined when it is none. */
export function compile(pattern: string): RegExp | undefined {
  if (!compiled.has(pattern)) {
    try {
      const expression = new RegExp(pattern, 'u')
      // Some are found too large only when they are first used.
      expression.test('')
      compiled.set(pattern, expression)
    } catch {
      compiled.set(pattern, undefined)
    }
  }
  return compiled.get(pattern)
}

/** Does the text match a pattern that compiles? One that does not come to an end is taken as a no. */
export function matches(pattern: string, text: string): boolean {
  const expression = compile(pattern)!
  if (isPlain(pattern)) return expression.test(text)
  return inTime(() => expression.test(text)) ?? false
}

/** Would some text keep it busy for ever? Asked of texts that such patterns stumble over: something repeated, and an end that does not fit. */
export function neverEnds(pattern: string): boolean {
  if (isPlain(pattern)) return false
  const expression = compile(pattern)!
  const start = /^\^?((?:(?:\\[^A-Za-z0-9]|[\w@:/ -])\??)*)/.exec(pattern)![1]!.replace(/[\\?]/g, '')
  const parts = new Set([...(pattern.match(/[A-Za-z0-9]+/g) ?? []).flatMap((word) => [word, word[0]!, word.at(-1)!]).slice(0, 40), 'a', 'A', '0', ' ', '-', '.', '_', '/', ',', ':', '@', 'a-', 'a.', 'a,', 'a ', '0.', 'ab', 'a0'])
  const texts = [...parts].flatMap((part) => ['', start].flatMap((before) => ['\u0001', '\n'].map((end) => before + part.repeat(Math.ceil(400 / part.length)) + end)))
  return inTime(() => texts.some((text) => expression.test(text) && false)) === undefined
}

/** Without a repeated group and with at most two repetitions a pattern takes, of the values that are read, some 10,000 steps at most. */
const isPlain = (pattern: string) => !/\)[*+{]/.test(pattern) && (pattern.match(/[*+{]/g) ?? []).length <= 2

/** Longest that all patterns of one schema are tried, in milliseconds of this process's own time: those of the largest real ones take a tenth of it. */
const trial = 400

/** What is asked of one schema's patterns. Once their time is up they are taken as they are: values are matched under a limit of their own anyway. */
export class Trial {
  #spent = 0
  readonly #known = new Map<string, boolean>()

  /** `neverEnds`, asked once of each pattern. */
  neverEnds(pattern: string): boolean {
    const known = this.#known.get(pattern) ?? this.within(() => neverEnds(pattern)) ?? false
    this.#known.set(pattern, known)
    return known
  }

  /** What `work` gives; undefined once the time is up. */
  within<T>(work: () => T): T | undefined {
    if (this.#spent > trial) return undefined
    const before = process.cpuUsage()
    try {
      return work()
    } finally {
      const { user, system } = process.cpuUsage(before)
      this.#spent += (user + system) / 1000
    }
  }
}

let sandbox: { run: () => boolean } | undefined
const script = new Script('run()')

/** What it gives, or undefined when its time runs out. */
function inTime(run: () => boolean): boolean | undefined {
  sandbox ??= createContext({ run }) as { run: () => boolean }
  sandbox.run = run
  for (let tries = 1; ; tries++) {
    const before = process.threadCpuUsage()
    try {
      // The one way to stop an expression in its own thread; it goes by the clock on the wall.
      return script.runInContext(sandbox, { timeout: patience }) as boolean
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error
      const { user, system } = process.threadCpuUsage(before)
      if ((user + system) / 1000 > patience / 2 || tries === mostTries) return undefined
    }
  }
}
