import { expect, test } from 'vitest'
import { mcpTools } from '../../../src/setup/mcp-tools.ts'

/** A server whose answers are a JavaScript function of method and parameters; undefined: it says nothing. */
const server = (answer: string, first = '') => [process.execPath, '-e', `
${first}
const send = (message) => process.stdout.write(JSON.stringify({ jsonrpc: '2.0', ...message }) + '\\n')
const answer = ${answer}
let greeted = false
require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
  const { id, method, params, result } = JSON.parse(line)
  if (method === 'notifications/initialized') greeted = true
  if (id === undefined || method === undefined) return
  const said = answer(method, params, greeted, result)
  if (said) send({ id, ...said })
})`]

const polite = `(method, params, greeted) => {
  if (method === 'initialize') return { result: { protocolVersion: params.protocolVersion, capabilities: { tools: {} }, serverInfo: { name: 'shelf' } } }
  if (method !== 'tools/list' || !greeted) return { error: { code: -32600, message: 'not yet' } }
  return { result: params.cursor === 'more' ? { tools: [{ name: 'find' }] } : { tools: [{ name: 'put', inputSchema: { type: 'object' } }], nextCursor: 'more' } }
}`

test('a server is greeted and asked for its tools, page by page; what is no message is passed over', async () => {
  const talkative = `process.stdout.write('Shelf server 1.0\\n{"jsonrpc":"2.0","method":"notifications/message","params":{}}\\n{"jsonrpc":"2.0","id":"s1","method":"ping"}\\n')`
  expect(JSON.parse(await mcpTools(server(polite, talkative)))).toEqual({ tools: [{ name: 'put', inputSchema: { type: 'object' } }, { name: 'find' }] })
})

test.each([
  ['a program that is not there', ['no-such-mcp-server'], 'not on the PATH'],
  ['one that ends at once, with its last words', [process.execPath, '-e', 'console.error("no token given"); process.exit(3)'], 'ended before it answered "initialize" (no token given)'],
  ['one that refuses', server(`(method) => method === 'initialize' ? { result: {} } : { error: { code: 1, message: 'tools are off' } }`), 'refuses "tools/list": tools are off'],
  ['one that answers with something else', server(`() => ({ result: { things: [] } })`), 'without a list of tools'],
])('%s is told as such', async (_, words, message) => {
  await expect(mcpTools(words)).rejects.toThrow(message)
})
