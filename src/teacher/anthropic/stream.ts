import type Anthropic from '@anthropic-ai/sdk'
import type { Answer } from '../ledger.ts'
import { dollarsOf, type Usage } from '../prices.ts'
import { CutAnswer } from './failures.ts'

/** A connection that says nothing for so long is dead, whatever TCP thinks. The API sends pings meanwhile. */
const silenceSeconds = () => Number(process.env.CLITRON_SILENCE_SECONDS ?? 90)
/** Silence is counted in ticks of this process. Time in which it stood still itself, and could not listen, is one tick, however long. */
const ticks = 10
/** No answer of 20 examples comes near this; an endpoint that goes on is cut off. */
const longestText = 1_000_000

export const usageOf = (usage: Partial<Record<'input_tokens' | 'output_tokens' | 'cache_creation_input_tokens' | 'cache_read_input_tokens', number | null>>): Usage => ({
  input: usage.input_tokens ?? 0,
  output: usage.output_tokens ?? 0,
  cacheWrite: usage.cache_creation_input_tokens ?? 0,
  cacheRead: usage.cache_read_input_tokens ?? 0,
})

/**
 * One streamed call. `onStart` runs at the answer's first event, when the provider has read the prompt.
 * @throws CutAnswer when the stream ends before the message does, or falls silent; SDK errors as they are
 */
export async function streamed(client: Anthropic, params: Anthropic.MessageCreateParamsNonStreaming, signal: AbortSignal, onStart: () => void): Promise<{ answer: Answer; usage: Usage }> {
  const silence = new AbortController()
  let silent = 0
  const timer = setInterval(() => ++silent >= ticks && silence.abort(), 1000 * silenceSeconds() / ticks)
  const usage: Usage = { input: 0, output: 0, cacheWrite: 0, cacheRead: 0 }
  let text = ''
  let stop: string | undefined
  let began = false
  let ended = false
  const perhaps = () => dollarsOf({ ...usage, output: Math.max(usage.output, Math.ceil(text.length / 2)) }, params.model, false)
  try {
    const stream = await client.messages.create({ ...params, stream: true }, { signal: AbortSignal.any([signal, silence.signal]) })
    for await (const event of stream) {
      silent = 0
      if (event.type === 'message_start') {
        began = true
        Object.assign(usage, usageOf(event.message.usage))
        onStart()
      } else if (event.type === 'content_block_delta' && event.delta.type === 'text_delta') text += event.delta.text
      else if (event.type === 'message_delta') {
        stop = event.delta.stop_reason ?? stop
        usage.output = event.usage.output_tokens
      } else if (event.type === 'message_stop') ended = true
      if (text.length > longestText) {
        usage.output = Math.max(usage.output, Math.ceil(text.length / 2))
        return { answer: { text: '', stop: 'too_long' }, usage }
      }
    }
  } catch (error) {
    signal.throwIfAborted()
    if (silence.signal.aborted) throw new CutAnswer(`provider fell silent for ${silenceSeconds()} s`, perhaps())
    if (began) throw new CutAnswer('the connection broke in the middle of an answer', perhaps())
    throw error
  } finally {
    clearInterval(timer)
  }
  signal.throwIfAborted()
  if (!ended) throw new CutAnswer(silence.signal.aborted ? `provider fell silent for ${silenceSeconds()} s` : 'the connection broke in the middle of an answer', perhaps())
  return { answer: { text, stop: stop ?? 'end_turn' }, usage }
}
