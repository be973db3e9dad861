import { createInterface } from 'node:readline'
import { execa } from 'execa'
import { z } from 'zod'
import { InputError } from '../errors.ts'
import { packageVersion } from '../package-version.ts'

/** A server that is fetched first needs its time. */
const timeout = 120_000
/** Pages of tools that are asked for. */
const mostPages = 100
const protocolVersion = '2025-06-18'

const Message = z.looseObject({ id: z.union([z.number(), z.string()]).optional(), method: z.string().optional(), result: z.unknown().optional(), error: z.looseObject({ message: z.string() }).optional() })
const ToolsPage = z.looseObject({ tools: z.array(z.unknown()), nextCursor: z.string().optional() })

/**
 * Starts an MCP server, asks it over stdio for all its tools (`tools/list`, page by page), and ends it. No tool is called.
 * @param words the server's program and its arguments; run without a shell
 * @returns the tools as a JSON document
 * @throws InputError when it cannot be started, ends before it has answered, or does not answer in two minutes
 */
export async function mcpTools(words: readonly string[]): Promise<string> {
  const [program = '', ...args] = words
  const server = execa(program, args, { stdin: 'pipe', buffer: { stdout: false }, reject: false, timeout, forceKillAfterDelay: 1_000 })
  const waiting = new Map<number, (message: z.infer<typeof Message>) => void>()
  const lines = createInterface({ input: server.stdout })
  const send = (message: object) => server.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)
  // A server that ends closes the pipe under what is being written; its end tells more.
  server.stdin.on('error', () => {})
  lines.on('line', (line) => {
    const message = readMessage(line)
    if (!message) return
    if (message.method !== undefined) return void (message.id !== undefined && send(message.method === 'ping' ? { id: message.id, result: {} } : { id: message.id, error: { code: -32_601, message: 'not offered' } }))
    if (typeof message.id === 'number') waiting.get(message.id)?.(message)
  })
  let asked = 0
  const ask = async (method: string, params: object): Promise<unknown> => {
    const id = ++asked
    const answer = new Promise<z.infer<typeof Message>>((resolve) => waiting.set(id, resolve))
    send({ id, method, params })
    const message = await Promise.race([answer, server.then(({ shortMessage, stderr, timedOut, code }) => {
      if (code === 'ENOENT') throw new InputError(`${program} cannot be run: it is not on the PATH. Give the command that starts the MCP server as you type it.`)
      throw new InputError(`\`${words.join(' ')}\` ${timedOut ? `did not answer "${method}" within ${timeout / 1000} s` : `ended before it answered "${method}" (${String(stderr).trim().split('\n').at(-1) || shortMessage})`}; it has to be an MCP server that speaks over stdio.`)
    })])
    if (message.error) throw new InputError(`The MCP server refuses "${method}": ${message.error.message}.`)
    return message.result
  }
  try {
    await ask('initialize', { protocolVersion, capabilities: {}, clientInfo: { name: 'clitron', version: packageVersion() } })
    send({ method: 'notifications/initialized' })
    const tools: unknown[] = []
    let cursor: string | undefined
    for (let page = 0; page < mostPages; page++) {
      const { data } = ToolsPage.safeParse(await ask('tools/list', cursor === undefined ? {} : { cursor }))
      if (!data) throw new InputError('The MCP server answers "tools/list" without a list of tools.')
      tools.push(...data.tools)
      cursor = data.nextCursor
      if (cursor === undefined) break
    }
    return JSON.stringify({ tools }, null, 1)
  } finally {
    lines.close()
    server.stdin.end()
    server.kill()
    await server.catch(() => {})
  }
}

/** Undefined for what is no message: some servers say hello first. */
function readMessage(line: string): z.infer<typeof Message> | undefined {
  try {
    return Message.safeParse(JSON.parse(line)).data
  } catch {
    return undefined
  }
}
