/**
 * A stand-in for the Messages and Message Batches API: `node tests/standin/server.ts [--port 0] [--schema schemas/gh.yaml …]`
 * prints its address; then `ANTHROPIC_BASE_URL=… ANTHROPIC_API_KEY=test clitron train notes --teacher anthropic`.
 * `POST /control/faults` with a list of faults, `GET /control/log`.
 */
import { createHash, randomUUID } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { basename, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { loadSchema } from '../../src/tasks/index.ts'
import { type Knowledge, type MessageRequest, textOf, write, type WriterOptions } from './answers.ts'
import { errorBody, type Fault } from './faults.ts'

export interface Logged {
  at: number
  method: string
  path: string
  /** Of the body: the same question has the same hash. */
  hash: string
  status: number
  headers: Record<string, string>
  body?: MessageRequest
  /** What a paid answer would be charged. */
  usage?: Usage
  stop?: string
  customId?: string
}

interface Usage {
  input_tokens: number
  output_tokens: number
  cache_creation_input_tokens: number
  cache_read_input_tokens: number
}

interface Batch {
  id: string
  created: number
  requests: { custom_id: string; params: MessageRequest }[]
  results: { custom_id: string; result: Record<string, unknown> }[]
}

export interface StandInOptions extends WriterOptions {
  knowledge: Knowledge[]
  port?: number
  /** Endpoints like llama.cpp's answer 400 to `output_config`. */
  structured?: boolean
  /** Shortest system text that is cached, in tokens. */
  cacheMinimum?: number
  /** How long a batch takes. */
  batchMs?: number
  /** One request of a batch in so many finds no cached system text, for they run side by side; default: as with single calls, only the first. */
  batchMisses?: number
  key?: string
}

export interface StandIn {
  url: string
  log: Logged[]
  faults: Fault[]
  batches: Batch[]
  /** Calls to the Messages API that were open at once, at most. */
  mostAtOnce: () => number
  /** Paid calls (Messages and requests of batches), by the log. */
  paid: () => Logged[]
  close: () => Promise<void>
}

export async function standIn({ knowledge, port = 0, structured = true, cacheMinimum = 1024, batchMs = 100, batchMisses = Infinity, key, wrongEvery, charactersPerToken = 4, judge }: StandInOptions): Promise<StandIn> {
  const log: Logged[] = []
  const faults: Fault[] = []
  const batches: Batch[] = []
  const cached = new Map<string, number>()
  const tokens = (text: string) => Math.ceil(text.length / charactersPerToken)
  let open = 0
  let mostOpen = 0

  const nextFault = (path: string, accepts: (fault: Fault) => boolean = () => true): Fault | undefined => {
    const index = faults.findIndex((fault) => (fault.path ?? path) === path && accepts(fault))
    const fault = faults[index]
    if (!fault) return undefined
    if ((fault.times ?? 1) > 1) faults[index] = { ...fault, times: fault.times! - 1 }
    else faults.splice(index, 1)
    return fault
  }

  const usageOf = (request: MessageRequest, text: string, beside = false): Usage => {
    const system = textOf(request.system)
    const marked = Array.isArray(request.system) && request.system.some((block) => block.cache_control)
    const keeps = marked && tokens(system) >= cacheMinimum
    const name = createHash('sha256').update(request.model + system).digest('hex')
    const hit = keeps && !beside && Date.now() - (cached.get(name) ?? 0) < 300_000
    if (keeps) cached.set(name, Date.now())
    return {
      input_tokens: tokens(textOf(request.messages[0]?.content)) + (keeps ? 0 : tokens(system)) + (request.output_config ? 300 : 0),
      output_tokens: tokens(text),
      cache_creation_input_tokens: keeps && !hit ? tokens(system) : 0,
      cache_read_input_tokens: hit ? tokens(system) : 0,
    }
  }
  const message = (request: MessageRequest, text: string, stop: string, usage: Usage) => ({
    id: `msg_${randomUUID()}`, type: 'message', role: 'assistant', model: request.model, content: [{ type: 'text', text }], stop_reason: stop, stop_sequence: null, usage,
  })

  async function answerMessage(request: MessageRequest, entry: Logged, response: ServerResponse, fault: Fault | undefined): Promise<void> {
    if (!structured && request.output_config) return reply(entry, response, 400, errorBody(400, 'output_config: extra inputs are not permitted'))
    if (fault?.kind === 'slow') await wait(fault.ms)
    const { text, stop } = write(request, knowledge, fault, { wrongEvery, charactersPerToken, judge })
    const usage = usageOf(request, text)
    entry.usage = usage
    entry.stop = stop
    if (!request.stream) return reply(entry, response, 200, message(request, text, stop, usage))
    entry.status = 200
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    const send = (type: string, data: object) => response.write(`event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`)
    send('message_start', { message: { ...message(request, '', stop, { ...usage, output_tokens: 1 }), content: [], stop_reason: null } })
    send('ping', {})
    send('content_block_start', { index: 0, content_block: { type: 'text', text: '' } })
    if (fault?.kind === 'hang') return
    if (fault?.kind === 'event') {
      delete entry.usage
      send('error', { error: { type: fault.type, message: 'stand-in fails in the middle' } })
      return void response.end()
    }
    const whole = fault?.kind === 'cut' ? text.slice(0, fault.after) : text
    for (let from = 0; from < whole.length; from += 2000) {
      send('content_block_delta', { index: 0, delta: { type: 'text_delta', text: whole.slice(from, from + 2000) } })
      await wait(0)
    }
    if (fault?.kind === 'cut') {
      delete entry.usage
      return void response.destroy()
    }
    send('content_block_stop', { index: 0 })
    send('message_delta', { delta: { stop_reason: stop, stop_sequence: null }, usage: { output_tokens: usage.output_tokens } })
    send('message_stop', {})
    response.end()
  }

  const describeBatch = (batch: Batch) => {
    const ended = Date.now() >= batch.created + batchMs
    const count = (type: string) => batch.results.filter(({ result }) => result.type === type).length
    return {
      id: batch.id, type: 'message_batch', processing_status: ended ? 'ended' : 'in_progress',
      request_counts: ended ? { processing: 0, succeeded: count('succeeded'), errored: count('errored'), expired: count('expired'), canceled: 0 } : { processing: batch.requests.length, succeeded: 0, errored: 0, expired: 0, canceled: 0 },
      created_at: new Date(batch.created).toISOString(), ended_at: ended ? new Date(batch.created + batchMs).toISOString() : null, expires_at: new Date(batch.created + 86_400_000).toISOString(),
      archived_at: null, cancel_initiated_at: null, results_url: ended ? `${url}/v1/messages/batches/${batch.id}/results` : null,
    }
  }

  function createBatch(requests: Batch['requests'], fault: Fault | undefined): Batch {
    let failing = fault?.kind === 'batch' ? fault.requests : 0
    const results = requests.map(({ custom_id, params }, index) => {
      if (fault?.kind === 'batch' && failing-- > 0) return { custom_id, result: fault.result === 'expired' ? { type: 'expired' } : { type: 'errored', error: errorBody(500) } }
      if (!structured && params.output_config) return { custom_id, result: { type: 'errored', error: errorBody(400, 'output_config: extra inputs are not permitted') } }
      const { text, stop } = write(params, knowledge, fault, { wrongEvery, charactersPerToken, judge })
      const usage = usageOf(params, text, index % batchMisses === batchMisses - 1)
      log.push({ at: Date.now(), method: 'BATCHED', path: '/v1/messages', hash: hashOf(JSON.stringify(params)), status: 200, headers: {}, body: params, usage, stop, customId: custom_id })
      return { custom_id, result: { type: 'succeeded', message: message(params, text, stop, usage) } }
    })
    // Results come in any order.
    const batch: Batch = { id: `msgbatch_${randomUUID()}`, created: Date.now(), requests, results: results.reverse() }
    batches.unshift(batch)
    return batch
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', url)
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const text = Buffer.concat(chunks).toString('utf8')
    if (pathname === '/control/log') return void response.end(JSON.stringify(log))
    if (pathname === '/control/faults') {
      faults.push(...(JSON.parse(text) as Fault[]))
      return void response.end('{}')
    }
    const headers = Object.fromEntries(['user-agent', 'anthropic-version', 'x-stainless-retry-count'].map((name) => [name, String(request.headers[name] ?? '')]))
    const entry: Logged = { at: Date.now(), method: request.method ?? '', path: pathname, hash: hashOf(text), status: 0, headers }
    log.push(entry)
    const given = String(request.headers['x-api-key'] ?? request.headers.authorization?.replace(/^Bearer /, '') ?? '')
    if (!given || (key !== undefined && given !== key)) return reply(entry, response, 401, errorBody(401, `invalid x-api-key ${given}`))
    const fault = nextFault(pathname, (candidate) => request.method === 'POST' || candidate.kind === 'status')
    if (fault?.kind === 'status') return reply(entry, response, fault.status, errorBody(fault.status, fault.message, fault.code), fault.retryAfter === undefined ? {} : { 'retry-after': String(fault.retryAfter) })

    const [, , , collection, id, verb] = pathname.split('/')
    if (pathname === '/v1/messages' && request.method === 'POST') {
      entry.body = JSON.parse(text) as MessageRequest
      mostOpen = Math.max(mostOpen, ++open)
      response.once('close', () => (open -= 1))
      return answerMessage(entry.body, entry, response, fault)
    }
    if (collection !== 'batches') return reply(entry, response, 404, errorBody(404, pathname))
    if (request.method === 'POST' && !id) {
      const batch = createBatch((JSON.parse(text) as { requests: Batch['requests'] }).requests, fault)
      if (fault?.kind === 'accepted-unsaid') return void response.destroy()
      return reply(entry, response, 200, describeBatch(batch))
    }
    if (!id) {
      const after = searchParams.get('after_id')
      const rest = after ? batches.slice(batches.findIndex((batch) => batch.id === after) + 1) : batches
      const page = rest.slice(0, Number(searchParams.get('limit') ?? 20))
      return reply(entry, response, 200, { data: page.map(describeBatch), has_more: rest.length > page.length, first_id: page[0]?.id ?? null, last_id: page.at(-1)?.id ?? null })
    }
    const batch = batches.find((candidate) => candidate.id === id)
    if (!batch) return reply(entry, response, 404, errorBody(404, id))
    if (verb === 'results') {
      entry.status = 200
      response.writeHead(200, { 'content-type': 'application/x-jsonl' })
      return void response.end(batch.results.map((result) => `${JSON.stringify(result)}\n`).join(''))
    }
    if (verb === 'cancel') batch.created = 0
    return reply(entry, response, 200, describeBatch(batch))
  }

  const server = createServer((request, response) => {
    handle(request, response).catch((error: Error) => {
      if (response.headersSent) response.destroy()
      else response.writeHead(500).end(JSON.stringify(errorBody(500, error.message)))
    })
  })
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url, log, faults, batches,
    mostAtOnce: () => mostOpen,
    paid: () => log.filter((entry) => entry.usage),
    close: () => new Promise((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    }),
  }
}

const hashOf = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 16)

function reply(entry: Logged, response: ServerResponse, status: number, body: object, headers: Record<string, string> = {}): void {
  entry.status = status
  response.writeHead(status, { 'content-type': 'application/json', 'request-id': 'req_standin', ...headers }).end(JSON.stringify(body))
}

export function knowledgeOf(files: string[]): Knowledge[] {
  return files.map((file) => loadSchema({ name: basename(file, '.yaml'), file, text: readFileSync(file, 'utf8') }))
}

if (process.argv[1] === import.meta.filename) {
  const { values } = parseArgs({ options: { port: { type: 'string', default: '0' }, schema: { type: 'string', multiple: true }, plain: { type: 'boolean' } } })
  const here = readdirSync('schemas').filter((file) => file.endsWith('.yaml')).map((file) => join('schemas', file))
  const { url } = await standIn({ knowledge: knowledgeOf(values.schema ?? [...here, join(import.meta.dirname, '../fixtures/notes.yaml')]), port: Number(values.port), structured: !values.plain })
  console.log(url)
}
