import { createHash, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { z } from 'zod'
import { CodecError } from '../errors.ts'
import { isLoopback } from './address.ts'
import { type AesCodec, fromJson, JsonPayload, toJson } from './codec.ts'

export interface CodecServerOptions {
  codec: AesCodec
  port: number
  /** Origins of the Web UIs whose pages may ask; the `temporal` command sends none. */
  origins: string[]
  /** Demanded as `Authorization: Bearer …`; on a machine of several people their programs reach this port too. */
  token?: string | undefined
}

/** Twice the largest message that Temporal's server takes (4 MB), for base64. */
const largestBody = 8e6

const Body = z.object({ payloads: z.array(JsonPayload) })

class Refusal extends Error {
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/**
 * Temporal's codec server protocol, for this machine only: POST …/encode and …/decode with {"payloads": […]}.
 * A page that a person happens to visit must get nothing from it: neither under a name that it made point here (Host), nor as
 * another origin, nor by a form, which a browser sends without asking first.
 */
export async function serveCodec({ port, ...options }: CodecServerOptions): Promise<Server> {
  const server = createServer((request, response) => {
    answer(request, response, options).catch((error: Error) => {
      const status = error instanceof Refusal ? error.status : error instanceof CodecError ? 400 : 500
      reply(response, status, { message: error.message })
    })
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve))
  return server
}

async function answer(request: IncomingMessage, response: ServerResponse, { codec, origins, token }: Omit<CodecServerOptions, 'port'>): Promise<void> {
  const { host = '', origin, authorization = '', 'content-type': type = '' } = request.headers
  if (!isLoopback(host)) throw new Refusal(403, 'Only this machine is answered, by its own name (Host).')
  if (origin !== undefined) {
    if (!origins.includes(origin)) throw new Refusal(403, `${JSON.stringify(origin)} may not ask. Start this server with --web-ui and the address of the Web UI.`)
    response.setHeader('access-control-allow-origin', origin).setHeader('vary', 'origin')
  }
  if (request.method === 'OPTIONS') return allow(request, response)
  // The protocol looks only at the last part: a namespace may stand before it.
  const verb = new URL(request.url ?? '/', 'http://localhost').pathname.split('/').pop()
  if (verb !== 'encode' && verb !== 'decode') throw new Refusal(404, 'There are /encode and /decode here.')
  if (request.method !== 'POST') throw new Refusal(405, `/${verb} is a POST.`)
  if (!/^application\/json\s*(;|$)/i.test(type)) throw new Refusal(415, 'Payloads come as application/json.')
  if (token && !same(authorization, `Bearer ${token}`)) throw new Refusal(401, 'Expected the token of CLITRON_CODEC_TOKEN as "Authorization: Bearer …".')
  const payloads = payloadsOf(await bodyOf(request))
  reply(response, 200, { payloads: (await codec[verb](payloads)).map(toJson) })
}

/** A browser asks first, whether its page may. */
function allow({ headers }: IncomingMessage, response: ServerResponse): void {
  response.setHeader('access-control-allow-methods', 'POST').setHeader('access-control-allow-headers', 'authorization, content-type, x-namespace')
  if (headers['access-control-request-private-network']) response.setHeader('access-control-allow-private-network', 'true')
  response.writeHead(204).end()
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const tooLarge = new Refusal(413, `Expected at most ${largestBody / 1e6} MB.`)
  if (Number(request.headers['content-length'] ?? 0) > largestBody) throw tooLarge
  const chunks: Buffer[] = []
  let length = 0
  // A destroyed request would take the answer along.
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > largestBody) throw tooLarge
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function payloadsOf(text: string) {
  try {
    return Body.parse(JSON.parse(text)).payloads.map(fromJson)
  } catch {
    throw new Refusal(400, 'Expected {"payloads": [{"metadata": {"encoding": "…"}, "data": "…"}]} with everything in base64.')
  }
}

function reply(response: ServerResponse, status: number, body: object): void {
  // What was refused need not be read to its end.
  if (status >= 400) response.setHeader('connection', 'close')
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' }).end(JSON.stringify(body))
}

/** In a time that says nothing about where they differ. */
const same = (a: string, b: string) => timingSafeEqual(digest(a), digest(b))
const digest = (text: string) => createHash('sha256').update(text).digest()
