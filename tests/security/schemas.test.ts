import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { problemsOf } from '../../src/dataset/validate.ts'
import { InputError } from '../../src/errors.ts'
import { checkName, dataDir, packageRoot, schemaFile } from '../../src/paths.ts'
import type { CliSchema } from '../../src/tasks/cli/schema.ts'
import { gatherSchema, loadSchema } from '../../src/tasks/index.ts'
import { groups, oddNames, type Hostile } from './hostile-schemas.ts'

const file = 'schemas/x.yaml'
const schemas = join(packageRoot, 'schemas')

/** Loads it; what is wrong must be told with its place and what to do, and nothing may take long. */
function load({ name, text }: Hostile): ReturnType<typeof loadSchema> | undefined {
  const started = process.cpuUsage()
  try {
    return loadSchema({ name: 'x', file, text: gatherSchema({ name: 'x', file, text }, schemas) })
  } catch (error) {
    expect(error, `${name}: ${(error as Error).stack}`).toBeInstanceOf(InputError)
    const messages = (error as Error).message.split('\n')
    expect(messages.length, name).toBeLessThanOrEqual(11)
    for (const message of messages) {
      expect(message.length, name).toBeLessThan(1_000)
      if (/^schemas\/x\.yaml: … and \d+ more\.$/.test(message)) continue
      const place = /^schemas\/x\.yaml:(\d+):(\d+): expected .+(?:; .+[.?]|; did you mean .+\?)$/.exec(message)
      expect(place, `${name}: ${message}`).not.toBeNull()
      const line = text.split('\n')[Number(place![1]) - 1]
      expect(line, `${name}: ${message}`).toBeDefined()
      expect(Number(place![2]), `${name}: ${message}`).toBeLessThanOrEqual(line!.length + 1)
    }
    return undefined
  } finally {
    // Of this process's own time: what others on the machine take is no fault of the schema. `npm run hostile` measures the whole command.
    const { user, system } = process.cpuUsage(started)
    expect((user + system) / 1000, `${name}, in milliseconds`).toBeLessThan(2_000)
  }
}

/** Everything that is made of a schema before a model is. */
function use({ family, schema }: { family: ReturnType<typeof loadSchema>['family']; schema: unknown }): void {
  const briefs = family.plan(schema, { count: 60, seed: 1 })
  for (const brief of briefs) {
    const row = family.writeOffline(schema, brief, 1)
    expect(problemsOf(family, schema, row).filter(({ rule }) => rule === 'json' || rule === 'shape')).toEqual([])
    family.nearMisses(schema, row, 1)
    family.copiedValues(schema, row)
  }
  expect(family.grammar(schema)).toContain('root ::=')
  expect(family.pieces(schema).length).toBeGreaterThan(0)
  expect(family.teacherRequest(schema, briefs).system).toContain((schema as CliSchema).cli_name)
  family.outputSchema(schema)
}

describe.each(Object.entries(groups))('%s', (_, hostile) => {
  test('each is refused with its place and what to do, or loads, within 2 s of its own time', () => {
    for (const one of hostile) {
      const loaded = load(one)
      if (one.legal !== undefined) expect(loaded !== undefined, `${one.name} is legal`).toBe(one.legal)
    }
  }, 240_000)
})

test('there are 500 of them at least', () => expect(Object.values(groups).flat().length).toBeGreaterThanOrEqual(500))

test('what is odd and legal works in every step', () => {
  for (const one of groups.names!.filter(({ legal }) => legal)) use(load(one)!)
}, 60_000)

test('nothing that a schema says reaches the prototype of objects', () => {
  for (const one of [...groups.names!, ...groups['the odder parts of YAML']!]) load(one)
  expect(Object.keys(Object.prototype)).toEqual([])
  expect(({} as Record<string, unknown>).polluted).toBeUndefined()
})

test.each(['../x', '../../etc/passwd', '/etc/passwd', 'a/b', 'a\\b', 'a\0', '', '.', '..', '__proto__', 'CON', 'x.yaml', 'ä', 'a b', '-x', '\u001b[2J', 'x'.repeat(64), '%2e%2e'])('the training %j is refused, and no path is made of it', (name) => {
  for (const path of [checkName, schemaFile, dataDir]) expect(() => path(name)).toThrow(InputError)
})

test('a training may be named like a member of every object', () => {
  for (const name of oddNames.filter((name) => /^[a-z0-9]+$/.test(name))) expect(schemaFile(name).startsWith(process.cwd())).toBe(true)
})
