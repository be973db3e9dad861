import { existsSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { expect, test } from 'vitest'
import { editorSchemas } from '../../../src/tasks/editor-schemas.ts'
import { families } from '../../../src/tasks/index.ts'

test('every kind of task has a JSON Schema for editors', () => expect(editorSchemas().map(({ kind }) => kind).sort()).toEqual(Object.keys(families).sort()))

test.each(editorSchemas())('that of $kind is current (node src/tasks/editor-schemas.ts)', ({ file, text }) => expect(existsSync(file) && readFileSync(file, 'utf8')).toBe(text))

test.each(['gh', 'kubectl', 'home', 'starweave', 'email-batches', 'claude-control', 'tamarind'])('the first line of %s.yaml names the one of its kind', (name) => {
  const text = readFileSync(new URL(`../../../schemas/${name}.yaml`, import.meta.url), 'utf8')
  const kind = /^kind: (\w+)$/m.exec(text)?.[1] ?? 'cli'
  const file = basename(editorSchemas().find((each) => each.kind === kind)!.file)
  expect(text.split('\n')[0]).toBe(`# yaml-language-server: $schema=./${file}`)
})
