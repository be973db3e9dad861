import Anthropic from '@anthropic-ai/sdk'
import { InputError } from '../../errors.ts'

/** Where the answers come from, and how. */
export interface Endpoint {
  model: string
  batch: boolean
  /** Any endpoint that speaks the Messages API; undefined: Anthropic's own. */
  baseUrl?: string | undefined
}

const isAnthropic = (baseUrl: string | undefined) => baseUrl === undefined || /^https?:\/\/([\w-]+\.)*anthropic\.com(:\d+)?(\/|$)/.test(baseUrl)

const noKey = 'Teacher "anthropic" needs a key: set ANTHROPIC_API_KEY and start the worker with it (`clitron down && clitron up`), or use `--teacher offline`, which needs none.'

/**
 * The key from this process's environment; only this function reads it. Servers of one's own (llama.cpp, Ollama) need none.
 * @param missing what to say to who asked for something else than a teacher
 * @throws InputError when it is missing
 */
export function readKey({ baseUrl }: Pick<Endpoint, 'baseUrl'>, missing = noKey): string {
  const key = process.env.ANTHROPIC_API_KEY?.trim()
  if (key) return key
  if (!isAnthropic(baseUrl)) return 'none'
  throw new InputError(missing)
}

/** A client that never retries by itself (Temporal and `ask` do), logs nothing, and looks for credentials nowhere else. */
export function connect(endpoint: Endpoint): Anthropic {
  return new Anthropic({
    apiKey: readKey(endpoint),
    authToken: null,
    baseURL: endpoint.baseUrl ?? 'https://api.anthropic.com',
    maxRetries: 0,
    // Until the answer's first bytes; between two of them `stream.ts` watches.
    timeout: 120_000,
    logLevel: 'off',
  })
}
