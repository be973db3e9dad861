import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { init } from '../../../src/cli/commands/init.ts'
import { packageRoot } from '../../../src/paths.ts'
import { loadSchema } from '../../../src/tasks/index.ts'

const before = process.cwd()
beforeEach(() => {
  process.chdir(mkdtempSync(join(tmpdir(), 'clitron-init-')))
  vi.spyOn(process.stdout, 'write').mockReturnValue(true)
})
afterEach(() => {
  const folder = process.cwd()
  process.chdir(before)
  vi.restoreAllMocks()
  rmSync(folder, { recursive: true })
})

/** What an editor finds for a YAML: the path in its first line, seen from the file. */
const editorSchemaOf = (file: string) => readFileSync(resolve(dirname(file), /^# yaml-language-server: \$schema=(\S+)\n/.exec(readFileSync(file, 'utf8'))![1]!), 'utf8')
const own = readFileSync(join(packageRoot, 'schemas', 'schema.json'), 'utf8')

it('editors find the keys of a starter schema, wherever the package lies', async () => {
  await init('demo')
  const text = readFileSync('schemas/demo.yaml', 'utf8')
  expect(loadSchema({ name: 'demo', file: 'schemas/demo.yaml', text }).family.kind).toBe('cli')
  expect(editorSchemaOf('schemas/demo.yaml')).toBe(own)
})

it('a schema.json that is there already stays as it is', async () => {
  mkdirSync('schemas')
  writeFileSync('schemas/schema.json', '{}')
  await init('demo')
  expect(readFileSync('schemas/schema.json', 'utf8')).toBe('{}')
})

it.each(['gh', 'kubectl'])('editors find the keys of %s', (name) => expect(editorSchemaOf(join(packageRoot, 'schemas', `${name}.yaml`))).toBe(own))

it('a list of tools becomes a schema of its kind, and editors find its keys', async () => {
  writeFileSync('list.json', JSON.stringify([{ type: 'function', function: { name: 'go', parameters: { type: 'object', properties: { to: { type: 'string' } } } } }]))
  await init('trip', { fromTools: 'list.json' })
  const text = readFileSync('schemas/trip.yaml', 'utf8')
  expect(loadSchema({ name: 'trip', file: 'schemas/trip.yaml', text }).family.kind).toBe('tools')
  expect(editorSchemaOf('schemas/trip.yaml')).toBe(readFileSync(join(packageRoot, 'schemas', 'tools.schema.json'), 'utf8'))
})

it.each([
  ['is not there', undefined, /list\.json cannot be read/],
  ['is no JSON', '[{]', /^list\.json:1:3: expected a list of tools as JSON/],
  ['is too large', `[${' '.repeat(1_100_000)}]`, /at most 1 MB/],
  ['names a tool twice', '[{"name":"a"},{"name":"a"}]', /^list\.json:1:\d+: expected every tool once/],
])('a list of tools that %s leaves nothing behind', async (_, text, message) => {
  if (text !== undefined) writeFileSync('list.json', text)
  await expect(init('trip', { fromTools: 'list.json' })).rejects.toThrow(message)
  expect(existsSync('schemas')).toBe(false)
})
