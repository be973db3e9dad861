import { randomBytes } from 'node:crypto'
import { type ClientRequest, request, type Server } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { AesCodec } from '../../src/temporal/codec.ts'
import { serveCodec } from '../../src/temporal/codec-server.ts'

const [key, other] = ['first', 'other'].map((id) => ({ id, key: randomBytes(32) }))
const ui = 'http://127.0.0.1:8233'
const base64 = (text: string) => Buffer.from(text).toString('base64')
const plain = { metadata: { encoding: base64('json/plain') }, data: base64('"canary"') }
const body = JSON.stringify({ payloads: [plain] })

let server: Server
let guarded: Server
beforeAll(async () => {
  server = await serveCodec({ codec: new AesCodec([key!], key), port: 0, origins: [ui] })
  guarded = await serveCodec({ codec: new AesCodec([key!], key), port: 0, origins: [ui], token: 'token-of-the-test' })
})
afterAll(() => [server, guarded].forEach((one) => one.close()))

interface Asked {
  path?: string
  method?: string
  headers?: Record<string, string>
  send?: string
  of?: Server
}

/** Plain http, since fetch sets Host and Origin by itself. */
function ask({ path = '/decode', method = 'POST', headers = {}, send = method === 'OPTIONS' ? '' : body, of = server }: Asked = {}): Promise<{ status: number; headers: Record<string, unknown>; json: any }> {
  return new Promise((resolve, reject) => {
    const { port } = of.address() as AddressInfo
    const asked: ClientRequest = request({ host: '127.0.0.1', port, path, method, headers: { 'content-type': 'application/json', ...headers } }, async (response) => {
      const chunks: Buffer[] = []
      for await (const chunk of response) chunks.push(chunk as Buffer)
      const text = Buffer.concat(chunks).toString()
      resolve({ status: response.statusCode!, headers: response.headers, json: text && JSON.parse(text) })
      asked.destroy()
    })
    asked.on('error', reject)
    if (headers['content-length']) asked.flushHeaders()
    else asked.end(send)
  })
}

describe('the codec server', () => {
  test('encodes and decodes, also behind a namespace, as the temporal command asks', async () => {
    const { status, json } = await ask({ path: '/encode', headers: { 'x-namespace': 'default' } })
    expect(status).toBe(200)
    expect(JSON.stringify(json)).not.toContain(plain.data)
    const back = await ask({ path: '/default/decode', send: JSON.stringify(json) })
    expect(back.json).toEqual({ payloads: [plain] })
    expect(back.headers).toMatchObject({ 'cache-control': 'no-store' })
  })

  test("answers the Web UI's page and what its browser asks before", async () => {
    const before = await ask({ method: 'OPTIONS', headers: { origin: ui, 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type,x-namespace' } })
    expect(before).toMatchObject({ status: 204, headers: { 'access-control-allow-origin': ui, 'access-control-allow-headers': expect.stringContaining('x-namespace') } })
    expect(await ask({ headers: { origin: ui } })).toMatchObject({ status: 200, headers: { 'access-control-allow-origin': ui, vary: 'origin' } })
  })

  test.each(['http://evil.example', 'null', 'http://127.0.0.1:8233.evil.example', 'https://127.0.0.1:8233', 'http://127.0.0.1:9999'])('refuses the page of %s, before and after', async (origin) => {
    for (const method of ['OPTIONS', 'POST']) {
      const refused = await ask({ method, headers: { origin } })
      expect(refused.status).toBe(403)
      expect(refused.headers).not.toHaveProperty('access-control-allow-origin')
    }
  })

  test.each(['evil.example', 'evil.example:8081', 'localhost.evil.example', '127.0.0.1.evil.example', '10.0.0.1:8081'])('refuses the name %s, which somebody made point here', async (host) => {
    expect((await ask({ headers: { host } })).status).toBe(403)
  })
  test.each(['localhost:8081', '127.0.0.1', '[::1]:8081'])('answers as %s', async (host) => {
    expect((await ask({ headers: { host } })).status).toBe(200)
  })

  test.each(['application/x-www-form-urlencoded', 'text/plain', 'multipart/form-data; boundary=x', 'application/jsonp', ''])('refuses a form or whatever else a browser sends unasked: %s', async (type) => {
    expect((await ask({ headers: { 'content-type': type } })).status).toBe(415)
  })

  // Browsers ask nobody before they open one, and its messages pass no check of origins.
  test.each([{ origin: 'http://evil.example' }, { host: 'evil.example', origin: 'http://evil.example' }, { origin: ui }, {}] as Record<string, string>[])('opens no WebSocket: %j', async (headers) => {
    const upgrade = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13', 'sec-websocket-key': randomBytes(16).toString('base64') }
    const { status } = await ask({ method: 'GET', headers: { ...upgrade, ...headers }, send: '' })
    expect(status).toBe(headers.origin === 'http://evil.example' ? 403 : 405)
  })

  test('refuses who names no host at all', async () => {
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
    socket.write(`POST /decode HTTP/1.0\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`)
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 403 /)
  })

  test('refuses what is too large, said or sent', async () => {
    expect((await ask({ headers: { 'content-length': '8000001' } })).status).toBe(413)
    const sent = await ask({ headers: { 'transfer-encoding': 'chunked' }, send: 'x'.repeat(8_000_001) })
    expect(sent.status).toBe(413)
  })

  test.each(['', '[]', '{"payloads":1}', '{"payloads":[{"data":"not base64!"}]}', '{"payloads":[{"metadata":{"encoding":7}}]}'])('refuses the body %s', async (send) => {
    expect((await ask({ send })).status).toBe(400)
  })

  test('knows two addresses, and only as POST', async () => {
    expect((await ask({ path: '/' })).status).toBe(404)
    expect((await ask({ method: 'GET', send: '' })).status).toBe(405)
  })

  test('names the key that it lacks', async () => {
    const [foreign] = await new AesCodec([other!], other).encode([{ data: Buffer.from('x') }])
    const send = JSON.stringify({ payloads: [{ metadata: Object.fromEntries(Object.entries(foreign!.metadata!).map(([name, value]) => [name, Buffer.from(value).toString('base64')])), data: Buffer.from(foreign!.data!).toString('base64') }] })
    expect(await ask({ send })).toMatchObject({ status: 400, json: { message: expect.stringContaining('"other", which is not here') } })
  })

  test('with a token answers only who has it', async () => {
    expect((await ask({ of: guarded })).status).toBe(401)
    expect((await ask({ of: guarded, headers: { authorization: 'Bearer wrong' } })).status).toBe(401)
    expect((await ask({ of: guarded, headers: { authorization: 'Bearer token-of-the-test' } })).status).toBe(200)
  })

  test('listens on this machine only', () => expect((server.address() as AddressInfo).address).toBe('127.0.0.1'))
})
