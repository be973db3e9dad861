import { expect, test } from 'vitest'
import { choose } from '../../../../src/teacher/choose.ts'
import { Random } from '../../../../src/teacher/random.ts'
import { writeOffline } from '../../../../src/tasks/cli/offline.ts'
import { phrasesOf } from '../../../../src/tasks/cli/offline/phrases.ts'
import { plan } from '../../../../src/tasks/cli/plan.ts'
import { CliSchema, findLeaf } from '../../../../src/tasks/cli/schema.ts'

const schema = CliSchema.parse({
  cli_name: 'shop',
  context: { 'till.open_order': { type: 'integer' } },
  commands: [{ name: 'order', description: 'Manage orders', subcommands: [
    { name: 'cancel', description: 'Cancel an order', phrases: ['zap order <number>', '(zip|zup) <number> saying <reason>', 'zorp <number> = --refund, speed=slow'],
      args: [{ name: 'number', type: 'integer', positional: true, required: true, context: 'till.open_order' }, { name: 'reason', format: 'text' }, { name: 'speed', type: 'enum', values: ['slow', 'fast'] }], flags: [{ name: 'refund' }] },
    { name: 'list', description: 'List orders' },
  ] }],
})
const leaf = findLeaf(schema, 'order', 'cancel')!
const rows = plan(schema, { seed: 1, count: 2000 }).filter((brief) => brief.slice['case'] === 'positive' && brief.slice['command'] === 'order cancel').map((brief) => writeOffline(schema, brief, 1))
const answers = (word: RegExp) => rows.filter((row) => word.test(row.instruction)).map((row) => ({ text: row.instruction, ...(JSON.parse(row.output) as { args: Record<string, unknown>; flags: string[] }) }))

test('slots, flags and values are read; a noun before the target leaves room for its other names', () => {
  expect(phrasesOf(schema, leaf)).toEqual([
    { text: 'zap <number>', slots: ['number'], flags: [], values: {}, bare: false },
    { text: '(zip|zup) <number> saying <reason>', slots: ['number', 'reason'], flags: [], values: {}, bare: false },
    { text: 'zorp <number>', slots: ['number'], flags: ['refund'], values: { speed: 'slow' }, bare: false },
  ])
  expect(['a c', 'b c']).toContain(choose('(a|b) (|) c', new Random('x')))
})

test('a phrase is said only where all that it says is meant', () => {
  const said = answers(/\bz[iu]p\b/i)
  expect(said.length).toBeGreaterThan(10)
  for (const { args } of said) expect(args['reason']).toBeDefined()
  const zorp = answers(/\bzorp\b/i)
  expect(zorp.length).toBeGreaterThan(3)
  for (const { args, flags } of zorp) {
    expect(args['speed']).toBe('slow')
    expect(flags).toContain('refund')
  }
})

test('the target of a phrase is named, or pointed at', () => {
  const texts = answers(/\bzap\b/i).map(({ text }) => text)
  expect(texts.some((text) => /zap .*\d/i.test(text))).toBe(true)
  expect(texts.some((text) => /zap (this|the|my|it)\b/i.test(text))).toBe(true)
})
