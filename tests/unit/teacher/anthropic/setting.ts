import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished, vi } from 'vitest'
import { loadSchema } from '../../../../src/tasks/index.ts'
import { anthropic } from '../../../../src/teacher/anthropic/index.ts'
import type { WriteRequest } from '../../../../src/teacher/teacher.ts'
import { standIn, type StandInOptions } from '../../../standin/server.ts'

export { billed } from '../../../standin/bill.ts'

export const model = 'claude-opus-4-5'
const file = join(import.meta.dirname, '../../../fixtures/notes.yaml')
export const knowledge = loadSchema({ name: 'notes', file: 'notes.yaml', text: readFileSync(file, 'utf8') })
const everyBrief = knowledge.family.plan(knowledge.schema, { count: 100, seed: 1 })

/** A stand-in server and an empty ledger of one test's own. */
export async function setting(options: Partial<StandInOptions> = {}) {
  const store = mkdtempSync(join(tmpdir(), 'ledger-'))
  vi.stubEnv('CLITRON_STORE', store)
  vi.stubEnv('ANTHROPIC_API_KEY', 'test-key-of-nobody')
  const server = await standIn({ knowledge: [knowledge], cacheMinimum: 500, ...options })
  onTestFinished(async () => {
    await server.close()
    vi.unstubAllEnvs()
    rmSync(store, { recursive: true, force: true })
  })
  const messages: string[] = []
  const write = (count: number, { batch = false, baseUrl = server.url, ...request }: Partial<WriteRequest> & { batch?: boolean; baseUrl?: string } = {}) =>
    anthropic({ model, batch, baseUrl }).write({
      training: 'notes', ...knowledge, briefs: everyBrief.slice(0, count), seed: 1, signal: new AbortController().signal,
      onProgress: ({ message }) => void (message && messages.push(message)),
      ...request,
    })
  const calls = () => server.log.filter(({ method, path }) => method === 'POST' && path === '/v1/messages')
  return { server, store, write, messages, calls }
}
