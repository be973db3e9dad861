import { createHash } from 'node:crypto'
import type Anthropic from '@anthropic-ai/sdk'
import type { Brief, TaskFamily } from '../../tasks/family.ts'
import { examplesPerCall, maxTokens, worstCase } from '../prices.ts'
import type { Endpoint } from './client.ts'

/** Briefs that are asked for in one call. */
export interface Group {
  briefs: Brief[]
  /** The run that asked for fresh answers; its key is no other run's. */
  forcedBy: string | undefined
  /** What the ledger knows it by: the same for a single call and one in a batch. */
  key: string
  /** Sha256 of the system text: calls that share it share the prompt cache. */
  systemSha: string
  /** Dollars at most. */
  worst: number
  params: (structured: boolean) => Omit<Anthropic.MessageCreateParamsNonStreaming, 'stream'>
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')

export function groupsOf(family: TaskFamily, schema: unknown, briefs: Brief[], endpoint: Endpoint, forcedBy?: string): Group[] {
  const groups: Group[] = []
  for (let from = 0; from < briefs.length; from += examplesPerCall) groups.push(group(family, schema, briefs.slice(from, from + examplesPerCall), endpoint, forcedBy))
  return groups
}

export function halves(family: TaskFamily, schema: unknown, { briefs, forcedBy }: Group, endpoint: Endpoint): Group[] {
  const middle = Math.ceil(briefs.length / 2)
  return [group(family, schema, briefs.slice(0, middle), endpoint, forcedBy), group(family, schema, briefs.slice(middle), endpoint, forcedBy)]
}

function group(family: TaskFamily, schema: unknown, briefs: Brief[], endpoint: Endpoint, forcedBy?: string): Group {
  const { system, user, format } = family.teacherRequest(schema, briefs)
  const { model } = endpoint
  const max_tokens = maxTokens(briefs.length, model)
  const systemSha = sha256(system)
  const shape = JSON.stringify(format)
  const plainUser = `${user}\n\nAnswer with one JSON document and nothing else. It follows this JSON Schema:\n${shape}`
  return {
    briefs,
    forcedBy,
    systemSha,
    key: sha256(JSON.stringify([1, systemSha, user, shape, model, max_tokens, endpoint.baseUrl ?? '', briefs.map((brief) => brief.key), ...(forcedBy === undefined ? [] : [forcedBy])])),
    worst: worstCase(system.length + plainUser.length, max_tokens, model, endpoint.batch),
    params: (structured) => ({
      model,
      max_tokens,
      // The one part that is the same in every call stands first and is cached.
      system: [{ type: 'text', text: system, cache_control: { type: 'ephemeral' } }],
      messages: [{ role: 'user', content: structured ? user : plainUser }],
      ...(structured && { output_config: { format: { type: 'json_schema', schema: format } } }),
    }),
  }
}
