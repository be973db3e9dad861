import { createHash } from 'node:crypto'
import type Anthropic from '@anthropic-ai/sdk'
import type { TeacherRequest } from '../../tasks/family.ts'
import { worstCase } from '../prices.ts'
import type { Endpoint } from './client.ts'

/** One paid call: what is sent, what it is known by, what it costs at most. */
export interface PaidRequest {
  /** What the ledger knows it by: the same for a single call and one in a batch. */
  key: string
  /** Sha256 of the system text: calls that share it share the prompt cache. */
  systemSha: string
  /** Dollars at most. */
  worst: number
  params: (structured: boolean) => Omit<Anthropic.MessageCreateParamsNonStreaming, 'stream'>
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

/**
 * A call as it goes out, and its key: a hash over everything that decides the answer.
 * @param maxTokens longest answer, in tokens
 * @param more what decides the answer beside the texts, or tells this question from the same one asked anew
 */
export function paidRequest({ system, user, format }: TeacherRequest, maxTokens: number, { model, batch, baseUrl }: Endpoint, more: readonly unknown[] = []): PaidRequest {
  const systemSha = sha256(system)
  const shape = JSON.stringify(format)
  const plainUser = `${user}\n\nAnswer with one JSON document and nothing else. It follows this JSON Schema:\n${shape}`
  return {
    systemSha,
    key: sha256(JSON.stringify([1, systemSha, user, shape, model, maxTokens, baseUrl ?? '', ...more])),
    worst: worstCase(system.length + plainUser.length, maxTokens, model, batch),
    params: (structured) => ({
      model,
      max_tokens: maxTokens,
      // The one part that is the same in every call stands first and is cached.
      system: [{ type: 'text', text: system, cache_control: { type: 'ephemeral' } }],
      messages: [{ role: 'user', content: structured ? user : plainUser }],
      ...(structured && { output_config: { format: { type: 'json_schema', schema: format } } }),
    }),
  }
}
