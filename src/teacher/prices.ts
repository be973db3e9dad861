import type { Brief, TaskFamily } from '../tasks/family.ts'

/** Dollars per million tokens. */
export interface Price {
  input: number
  output: number
  /** Writing to the prompt cache (kept for five minutes). */
  cacheWrite: number
  cacheRead: number
  /** The model has no list price here: the one of Opus is assumed. */
  assumed?: boolean
}

const price = (input: number, output: number, cacheRead = input / 10): Price => ({ input, output, cacheWrite: input * 1.25, cacheRead })

/** List prices by the beginning of the model's id, the more exact first (platform.claude.com/docs/en/about-claude/pricing, November 2026). */
const list: [prefix: string, price: Price][] = [
  ['claude-opus-5-5', price(4, 20, 0.2)],
  ['claude-opus-4-1', price(15, 75)],
  ['claude-opus-4-0', price(15, 75)],
  ['claude-opus-4-2', price(15, 75)],
  ['claude-opus-', price(5, 25)],
  ['claude-sonnet-5-5', price(2, 10, 0.1)],
  ['claude-sonnet-5', price(2, 10)],
  ['claude-sonnet-', price(3, 15)],
  ['claude-haiku-5-5', price(0.1, 0.5)],
  ['claude-haiku-', price(1, 5)],
  ['claude-fable-5-1', price(10, 50, 0.25)],
  ['claude-fable-', price(10, 50)],
  ['claude-mythos-5-1', price(10, 50, 0.25)],
  ['claude-mythos-', price(10, 50)],
]

export function priceOf(model: string): Price {
  return list.find(([prefix]) => model.startsWith(prefix))?.[1] ?? { ...price(5, 25), assumed: true }
}

/** Message Batches cost half, of everything. */
export const batchFactor = 0.5

/** Tokens as the API counts them; `input` without what came from or went to the prompt cache. */
export interface Usage {
  input: number
  output: number
  cacheWrite: number
  cacheRead: number
}

export function dollarsOf(usage: Usage, model: string, batch: boolean): number {
  const { input, output, cacheWrite, cacheRead } = priceOf(model)
  const full = usage.input * input + usage.output * output + usage.cacheWrite * cacheWrite + usage.cacheRead * cacheRead
  return (full * (batch ? batchFactor : 1)) / 1e6
}

/** Examples asked for in one call: the schema is sent once for all of them, and a cut answer loses little. */
export const examplesPerCall = 20

/** Longest answer of a call for so many examples. Models that always think spend it on thoughts as well. */
export function maxTokens(examples: number, model: string): number {
  return 1000 + 350 * examples + (/^claude-(opus|sonnet|haiku)-[34](-|$)/.test(model) ? 0 : 8000)
}

/** Tokens of one example in the flat form: what the offline teacher writes is 81 (notes), 107 (kubectl) and 123 (gh) on average, at 3.5 characters a token. */
const outputPerExample = 125
/** Characters a token: English and JSON have 3 to 4. */
const perToken = 3.5
/** The same for a bound that must hold. */
const leastPerToken = 2

/** What a call costs at most, by its characters and its `max_tokens`. */
export function worstCase(inputCharacters: number, maxOutput: number, model: string, batch: boolean): number {
  return dollarsOf({ input: 0, cacheRead: 0, cacheWrite: Math.ceil(inputCharacters / leastPerToken), output: maxOutput }, model, batch)
}

/** Shortest prefix that the prompt cache keeps, in tokens; shorter ones are silently not cached. */
const cacheMinimum = (model: string) => (/^claude-(opus-4|haiku)/.test(model) ? 4096 : 1024)

export interface Estimate {
  calls: number
  inputTokens: number
  outputTokens: number
  dollars: number
  /** Tokens of the system text, and whether the prompt cache will keep it. */
  systemTokens: number
  cached: boolean
  /** The model's price is not known here: Opus's was taken. */
  assumedPrice: boolean
}

/** Tokens of a text of so many characters, about. */
export const tokensIn = (characters: number): number => Math.ceil(characters / perToken)

/** Calls, tokens and dollars of having `briefs` written; `measured` puts what a pilot found in the place of assumptions. */
export function estimate({ family, schema, briefs, model, batch, measured = {} }: { family: TaskFamily; schema: unknown; briefs: Brief[]; model: string; batch: boolean; measured?: { outputPerExample?: number } }): Estimate {
  const calls = Math.ceil(briefs.length / examplesPerCall)
  if (!calls) return estimateCalls({ calls, systemTokens: 0, userTokens: 0, outputTokens: 0, model, batch })
  const { system, user, format } = family.teacherRequest(schema, briefs.slice(0, examplesPerCall))
  const userTokens = calls * tokensIn(user.length + JSON.stringify(format).length)
  const outputTokens = Math.ceil(briefs.length * (measured.outputPerExample ?? outputPerExample))
  return estimateCalls({ calls, systemTokens: tokensIn(system.length), userTokens, outputTokens, model, batch })
}

/** The same of any calls that share one system text: `userTokens` and `outputTokens` are those of all of them. */
export function estimateCalls({ calls, systemTokens, userTokens, outputTokens, model, batch }: { calls: number; systemTokens: number; userTokens: number; outputTokens: number; model: string; batch: boolean }): Estimate {
  const cached = calls > 0 && systemTokens >= cacheMinimum(model)
  // Requests of a batch run at any time and side by side: half of them are counted on finding the cache filled.
  const writes = cached ? (batch ? Math.ceil(calls / 2) : 1) : 0
  const usage: Usage = { input: userTokens + (cached ? 0 : calls * systemTokens), output: outputTokens, cacheWrite: writes * systemTokens, cacheRead: cached ? (calls - writes) * systemTokens : 0 }
  return { calls, inputTokens: usage.input + usage.cacheRead + usage.cacheWrite, outputTokens, dollars: dollarsOf(usage, model, batch), systemTokens, cached, assumedPrice: priceOf(model).assumed ?? false }
}
