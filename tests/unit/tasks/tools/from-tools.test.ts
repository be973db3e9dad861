import { expect, test } from 'vitest'
import { schemaFromTools } from '../../../../src/tasks/tools/from-tools.ts'
import { tools } from '../../../../src/tasks/tools/index.ts'

const parameters = { type: 'object', properties: { to: { type: 'string', title: 'To', description: 'Who' }, kind: { type: 'string', enum: ['a', 'b'], default: 'a' }, at: { $ref: '#/$defs/Place' }, n: { anyOf: [{ type: 'integer', exclusiveMinimum: 0 }, { type: 'null' }], default: null } }, required: ['to'], $defs: { Place: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'], additionalProperties: false } }, additionalProperties: false }
const yaml = (list: unknown) => schemaFromTools({ name: 'mail', file: 'tools.json', text: typeof list === 'string' ? list : JSON.stringify(list, null, 2) })
const read = (list: unknown) => tools.parse({ name: 'mail', file: 'schemas/mail.yaml', text: yaml(list) })

test.each([
  ['a list as for an API', [{ type: 'function', function: { name: 'send', description: 'Send it', parameters } }]],
  ['the same under "tools"', { tools: [{ type: 'function', function: { name: 'send', description: 'Send it', parameters } }] }],
  ['plain functions', [{ name: 'send', description: 'Send it', parameters }]],
  ['what an MCP server lists', { tools: [{ name: 'send', description: 'Send it', inputSchema: parameters }] }],
  ['the same with the message around it', { jsonrpc: '2.0', id: 1, result: { tools: [{ name: 'send', description: 'Send it', inputSchema: parameters, annotations: {} }] } }],
  ['with input_schema', { tools: [{ name: 'send', description: 'Send it', input_schema: parameters }] }],
])('%s becomes a schema', (_, list) => {
  const schema = read(list)
  expect(schema.tools).toHaveLength(1)
  expect(tools.outputSchema(schema)).toMatchObject({ oneOf: [{ properties: { name: { const: 'send' }, parameters: { required: ['to'], properties: { to: { type: 'string' }, kind: { enum: ['a', 'b'], default: 'a' }, at: { properties: { city: { type: 'string' } }, required: ['city'] }, n: { default: null } } } } }, {}] })
  expect(() => tools.completion(schema, '{"name":"send","parameters":{"to":"bob","at":{"city":"Rome"},"n":3}}')).not.toThrow()
})

test('a function without parameters is called without any', () => {
  for (const list of [[{ name: 'go' }], [{ name: 'go', parameters: { type: 'object', properties: {} } }], [{ name: 'go', inputSchema: { type: 'object' } }]]) expect(tools.completion(read(list), '{"name":"go","parameters":{}}')).toBe('{"name":"go","parameters":{}}')
})

test('texts that look like YAML stay texts', () => {
  const [tool] = read([{ name: 'x', description: '- a: {b} # c', parameters: { type: 'object', properties: { 'on': { type: 'string', enum: ['yes', 'no', '1', 'null', ': '] } } } }]).tools
  expect(tool).toMatchObject({ description: '- a: {b} # c', parameters: [{ name: 'on', node: { shape: { values: ['yes', 'no', '1', 'null', ': '] } } }] })
})

const one = (changed: object) => [{ name: 'a', parameters: { type: 'object', properties: { x: changed } } }]

test.each([
  ['no JSON', '[\n  {"name": "a",}\n]', /^tools\.json:2:16: expected a list of tools as JSON; here it stops being JSON\.$/],
  ['something else', { functions: [] }, /^tools\.json:1:1: expected a list of tools .*found the keys \["functions"\]/],
  ['an empty list', [], /expected a list of tools .*found none in it/],
  ['no function', ['a'], /^tools\.json:2:3: expected a tool as \{"name", "description", "parameters"\}, found "a"/],
  ['no name', [{ description: 'x' }], /^tools\.json:2:3: expected the name of a tool .*found nothing/],
  ['a name that cannot be one', [{ name: 'send mail' }], /^tools\.json:3:13: expected the name of a tool .*found "send mail"; rename it/],
  ['a name twice', [{ name: 'a' }, { name: 'a' }], /^tools\.json:6:13: expected every tool once, found a second "a"/],
  ['a circle', [{ name: 'a', parameters: { type: 'object', properties: { x: { $ref: '#/$defs/N' } }, $defs: { N: { type: 'object', properties: { next: { $ref: '#/$defs/N' } } } } } }], /^tools\.json:\d+:\d+: expected parameters that come to an end, found "#\/\$defs\/N"/],
  ['a reference that leads nowhere', one({ $ref: '#/definitions/Nope' }), /^tools\.json:8:19: expected a reference within these parameters/],
  ['a keyword that no grammar can say', one({ not: { type: 'string' } }), /^tools\.json:8:18: expected type, enum.*found "not", which is not supported/],
  ['an unknown type', one({ type: 'strnig' }), /^tools\.json:8:19: expected the type .*found "strnig"; did you mean "string"\?/],
  ['parameters of another type', [{ name: 'a', parameters: { type: 'string' } }], /expected parameters of type object, found "string"/],
])('%s is refused with its place', (_, list, message) => expect(() => yaml(list)).toThrow(message))
