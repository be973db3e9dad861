import { keyPatterns } from './secret-patterns.ts'

/** Names of environment variables that hold a secret. */
export const secretName = /(^|_)(API_?KEY|KEY|TOKEN|SECRET|PASSWORD|PASSWD|WEBHOOK)$/i

/** Shorter values are words of other texts too ("test", "none"). */
const shortest = 8
/** Secrets that came from elsewhere than the environment (a key file). */
const told = new Set<string>()

const mask = '***'
const wellKnown: [RegExp, string][] = [
  ...keyPatterns.map(({ pattern }): [RegExp, string] => [pattern, mask]),
  // Here a key that was cut is masked as well: too much hidden does no harm in a log.
  [/\bsk-ant-[\w-]{8,}/g, mask],
  [/\bhf_[A-Za-z0-9]{16,}/g, mask],
  [/\b(gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,})/g, mask],
  [/\b(Bearer)\s+[\w.~+/-]{16,}=*/gi, `$1 ${mask}`],
  // Name and password in an address: https://user:password@host
  [/(:\/\/)[^\s/:@]+:[^\s/@]+@/g, `$1${mask}@`],
]

/** From now on `redact` masks these too. */
export function keepSecret(...values: string[]): void {
  for (const value of values) if (value.length >= shortest) told.add(value)
}

/** A text as it may be shown, logged or stored: the environment's secrets and what looks like a well-known key are masked. */
export function redact(text: string): string {
  const secrets = [...told]
  // CLITRON_CODEC_KEY may hold several.
  for (const [name, value] of Object.entries(process.env)) if (value && secretName.test(name)) secrets.push(value.trim(), ...value.split(/[\s,]+/))
  let shown = text
  // The longest first: one may be a part of another.
  for (const secret of secrets.filter(({ length }) => length >= shortest).sort((a, b) => b.length - a.length)) shown = shown.replaceAll(secret, mask)
  for (const [pattern, by] of wellKnown) shown = shown.replace(pattern, by)
  return shown
}

/** An environment for a program that needs none of them. */
export const withoutSecrets = (environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv => Object.fromEntries(Object.entries(environment).filter(([name]) => !secretName.test(name)))

/** The same error, redacted with its stack and all its causes. */
export function redactError<T>(error: T): T {
  for (let [one, depth] = [error as unknown, 0]; one instanceof Error && depth < 20; one = one.cause, depth += 1) {
    for (const part of ['message', 'stack'] as const) {
      const text = one[part]
      // Defined, not assigned: an AbortError's are read-only.
      if (typeof text === 'string' && redact(text) !== text) Object.defineProperty(one, part, { value: redact(text), writable: true, configurable: true })
    }
  }
  return error
}

/** Everything that this process writes from now on is redacted, whichever library says it: for processes whose output is a log. */
export function redactOutput(): void {
  for (const stream of [process.stdout, process.stderr]) {
    const write = stream.write.bind(stream) as (chunk: unknown, ...rest: unknown[]) => boolean
    stream.write = ((chunk: unknown, ...rest: unknown[]) => write(typeof chunk === 'string' ? redact(chunk) : chunk, ...rest)) as typeof stream.write
  }
}
