import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { describe, expect, test } from 'vitest'
import { writeOffline } from '../../../../src/tasks/cli/offline.ts'
import { fromContext, plan } from '../../../../src/tasks/cli/plan.ts'
import { CliSchema, findLeaf, leaves } from '../../../../src/tasks/cli/schema.ts'
import { validate } from '../../../../src/tasks/cli/validate.ts'

const load = (name: string) => CliSchema.parse(parse(readFileSync(`schemas/${name}.yaml`, 'utf8'), { merge: true }))

const shop = CliSchema.parse({
  cli_name: 'shop',
  description: 'Run a small shop',
  context: { 'till.open_order': { type: 'integer' }, 'till.branch_office': {} },
  commands: [
    { name: 'order', description: 'Manage orders', subcommands: [
      { name: 'list', description: 'List orders', args: [{ name: 'status', type: 'enum', values: ['paid', 'open'] }, { name: 'limit', type: 'integer', default: 10 }], flags: [{ name: 'archived' }] },
      { name: 'view', description: 'View an order', args: [{ name: 'number', type: 'integer', positional: true, context: 'till.open_order' }] },
      { name: 'cancel', description: 'Cancel an order', args: [{ name: 'number', type: 'integer', positional: true, required: true, context: 'till.open_order' }, { name: 'reason' }] },
    ] },
    { name: 'product', description: 'Manage products', subcommands: [
      { name: 'list', description: 'List products' },
      { name: 'create', description: 'Create a product', args: [{ name: 'name', positional: true, required: true }, { name: 'price', type: 'integer', required: true }] },
    ] },
    { name: 'report', description: 'Print the report of the day', args: [{ name: 'date', format: 'date' }] },
  ],
})

describe.each([['gh', load('gh')], ['kubectl', load('kubectl')], ['a schema nobody has seen', shop]])('%s', (name, schema) => {
  const briefs = plan(schema, { seed: 1 })
  const rows = briefs.map((brief) => writeOffline(schema, brief, 1))

  test('every row may be trained on', () => {
    expect(rows.flatMap((row) => validate(schema, row).map((problem) => `${problem.message} ${row.instruction} ${row.output}`))).toEqual([])
  })

  test('60 of 100 are positive with context, 20 without, 20 negative', () => {
    const share = (wanted: (slice: Record<string, string>) => boolean) => rows.filter((row) => wanted(row.slice!)).length / rows.length
    expect(rows).toHaveLength(leaves(schema).reduce((sum, leaf) => sum + 10 * (4 + leaf.args.length + leaf.flags.length), 0))
    expect(Math.abs(share((slice) => slice['case'] === 'positive' && slice['context'] !== 'none') - 0.6)).toBeLessThan(0.01)
    expect(Math.abs(share((slice) => slice['case'] === 'positive' && slice['context'] === 'none') - 0.2)).toBeLessThan(0.01)
    const fields = Object.keys(schema.context).length
    for (const row of rows) {
      const found = row.context ? Object.values(row.context).flatMap((group) => Object.keys(group as object)).length : 0
      if (row.slice!['context'] === 'none') expect(row.context).toBeNull()
      if (row.slice!['context'] === 'full' && row.slice!['case'] === 'positive') expect(found).toBe(fields)
    }
  })

  test('each negative case occurs', () => {
    const cases = new Set(rows.map((row) => row.slice!['case']))
    for (const negative of ['ambiguous', 'missing_required', 'unclear', 'off_topic', 'multiple']) expect(cases).toContain(negative)
    if (name === 'gh') expect(cases).toContain('typo_ambiguity')
  })

  test('every leaf, argument, flag and context field is asked for', () => {
    for (const leaf of leaves(schema)) {
      const uses = new Set(rows.filter((row) => row.slice!['command'] === leaf.path && row.slice!['case'] === 'positive').flatMap((row) => row.slice!['uses']!.split(', ')))
      for (const each of [...leaf.args, ...leaf.flags]) expect(uses, `${leaf.path} ${each.name}`).toContain(each.name)
    }
    const context = JSON.stringify(rows.map((row) => row.context))
    for (const path of Object.keys(schema.context)) expect(context).toContain(`"${path.split('.')[1]}"`)
    expect(rows.some((row) => leaves(schema).some((leaf) => leaf.args.some((arg) => arg.context && row.slice!['uses']!.includes(fromContext(arg.name)))))).toBe(true)
  })

  test('hardly any two requests are the same', () => {
    expect(new Set(rows.map((row) => row.instruction)).size / rows.length).toBeGreaterThan(name === 'gh' || name === 'kubectl' ? 0.95 : 0.8)
    expect(rows.every((row) => row.instruction.length > 0 && !/[\uE000-\uE4FF]|undefined/.test(row.instruction))).toBe(true)
  })

  test('an answer has its arguments in the order in which the question names them', () => {
    let compared = 0
    for (const { instruction, output } of rows) {
      const { command, subcommand, args = {} } = JSON.parse(output) as { command?: string; subcommand?: string; args?: object }
      const leaf = findLeaf(schema, command, subcommand)
      const places = Object.entries(args).flatMap(([name, value]) => {
        const text = String([value].flat()[0])
        return leaf?.args.find((arg) => arg.name === name)?.type === 'string' && text.length > 5 && instruction.split(text).length === 2 ? [instruction.indexOf(text)] : []
      })
      if (places.length > 1) compared += 1
      expect(places, `${instruction} → ${output}`).toEqual(places.toSorted((a, b) => a - b))
    }
    expect(compared > 30).toBe(name === 'gh' || name === 'kubectl')
  })

  test('the same seed writes the same rows, another seed others', () => {
    const again = plan(schema, { seed: 1 }).slice(0, 300).map((brief) => writeOffline(schema, brief, 1))
    expect(again).toEqual(rows.slice(0, 300))
    expect(plan(schema, { seed: 2 })[0]!.key).not.toBe(briefs[0]!.key)
  })
})

test("a flag's adjective stands before the noun, and the flag is not said again", () => {
  const gh = load('gh')
  const rows = plan(gh, { seed: 2 }).map((brief) => writeOffline(gh, brief, 2)).filter((row) => /\b(unfinished|draft) (prs?|pull requests?|prs?)\b/i.test(row.instruction) && /^pr (list|create)$/.test(row.slice!['command']!))
  expect(rows.length).toBeGreaterThan(2)
  for (const row of rows) {
    expect(JSON.parse(row.output).flags, row.instruction).toContain('draft')
    expect(row.instruction.match(/draft|unfinished/gi), row.instruction).toHaveLength(1)
  }
})

test('a new subcommand leaves the positive rows of the others as they are', () => {
  const grown = structuredClone(shop)
  grown.commands[1]!.subcommands.push({ ...structuredClone(shop.commands[0]!.subcommands[0]!), name: 'archive' })
  const before = plan(shop, { seed: 1 }).filter((brief) => brief.slice['case'] === 'positive')
  const after = new Set(plan(grown, { seed: 1 }).map((brief) => brief.key))
  expect(before.filter((brief) => !after.has(brief.key))).toEqual([])
})

test('how an option is typed changes no example', () => {
  const joined = structuredClone(shop)
  for (const leaf of leaves(joined)) for (const arg of leaf.args) arg.joined = !arg.positional
  expect(plan(joined, { seed: 1 })).toEqual(plan(shop, { seed: 1 }))
})

test('an asked-for count is kept exactly', () => {
  expect(plan(shop, { seed: 1, count: 137 })).toHaveLength(137)
})
