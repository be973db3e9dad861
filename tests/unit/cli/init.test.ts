import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
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
