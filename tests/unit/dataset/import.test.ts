import { readFileSync } from 'node:fs'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { importRows } from '../../../src/dataset/import.ts'
import { gatherSchema, loadSchema } from '../../../src/tasks/index.ts'
import { fakeFamily, fakeSchema } from '../../fixtures/fake-family.ts'

async function importText(content: string, existing: Parameters<typeof importRows>[0]['existing'] = []) {
  const file = join(await mkdtemp(join(tmpdir(), 'import-')), 'rows.jsonl')
  await writeFile(file, content)
  return importRows({ family: fakeFamily, schema: fakeSchema, file, existing })
}
const line = (instruction: string, verb: string) => JSON.stringify({ instruction, output: JSON.stringify({ do: verb }) })

test('bad lines are rejected with number and reason, the rest is kept', async () => {
  const { accepted, rejected } = await importText(['{bad', line('open', 'open'), '{"question":"?"}', line('fly', 'fly'), line('close', 'close')].join('\n'))
  expect(accepted.map(({ instruction, source }) => [instruction, source])).toEqual([['open', 'import'], ['close', 'import']])
  expect(rejected.map((row) => [row.line, row.problems[0]!.rule])).toEqual([[1, 'json'], [3, 'shape'], [4, 'schema']])
})

test('rows that are known already are counted, contradicting ones rejected', async () => {
  const result = await importText([line('open', 'open'), line('close', 'merge'), line('merge', 'merge'), line('merge', 'merge')].join('\n'), [
    { instruction: 'open', context: null, output: '{"do":"open"}' }, { instruction: 'close', context: null, output: '{"do":"close"}' },
  ])
  expect(result).toMatchObject({ duplicates: 2, contradictions: 1 })
  expect(result.accepted.map(({ instruction }) => instruction)).toEqual(['merge'])
})

test('a correction keeps the wrong answer beside the right one, and is refused where it corrects nothing', async () => {
  const correction = (instruction: string, right: string, rejected: unknown) => JSON.stringify({ instruction, output: JSON.stringify({ do: right }), rejected })
  const { accepted, rejected } = await importText([correction('open 5', 'open', { do: 'close' }), correction('merge', 'merge', '{"do":"merge"}')].join('\n'))
  expect(accepted).toMatchObject([{ instruction: 'open 5', rejected: '{"do":"close"}' }])
  expect(rejected.map(({ problems }) => problems[0]!.message)).toEqual([expect.stringContaining('"rejected" is as right as the answer')])
})

test('a correction of a question that is known is taken, once', async () => {
  const known = { instruction: 'open 5', context: null, output: '{"do":"close"}' }
  const correction = JSON.stringify({ instruction: 'open 5', output: '{"do":"open"}', rejected: '{"do":"close"}' })
  const first = await importText(correction, [known])
  expect(first).toMatchObject({ accepted: [{ output: '{"do":"open"}', rejected: '{"do":"close"}' }], contradictions: 0 })
  expect(await importText([correction, line('open 5', 'close')].join('\n'), [known, ...first.accepted])).toMatchObject({ accepted: [], duplicates: 1, contradictions: 1 })
})

test.each(['gh', 'home', 'tamarind', 'starweave', 'email-batches', 'claude-control'])('corrections.jsonl of %s: the right answer, and the wrong one as text or as an object', async (name) => {
  const folder = resolve(import.meta.dirname, '../../../schemas')
  const source = { name, file: `${name}.yaml`, text: readFileSync(join(folder, `${name}.yaml`), 'utf8') }
  const { family, schema } = loadSchema({ ...source, text: gatherSchema(source, folder) })
  const [first, second] = family.plan(schema, { count: 40, seed: 1 }).map((brief) => family.writeOffline(schema, brief, 1)).filter((row, index, all) => index === 0 || row.output !== all[0]!.output)
  const object = (output: string) => (output.startsWith('{') ? JSON.parse(output) as unknown : output)
  const file = join(await mkdtemp(join(tmpdir(), 'import-')), 'corrections.jsonl')
  const { instruction, context, output } = first!
  for (const rejected of [second!.output, object(second!.output)]) {
    await writeFile(file, JSON.stringify({ instruction, context, output, rejected }))
    const { accepted, rejected: refused } = await importRows({ family, schema, file })
    expect(refused).toEqual([])
    expect(accepted).toMatchObject([{ rejected: expect.any(String) }])
    expect(object(accepted[0]!.rejected!)).toEqual(object(second!.output))
    expect(family.completion(schema, accepted[0]!.output)).toBe(family.completion(schema, output))
  }
})

describe("a person's review of answers", () => {
  const answered = (instruction: string, verb: string, corrected: unknown) => ({ instruction, context: null, output: { do: verb }, confidence: 0.41, slice: { command: verb }, corrected })
  test('becomes corrections where the person says otherwise, rows where the answer was right; what nobody looked at is counted', async () => {
    const rows = [answered('open', 'close', { do: 'open' }), answered('merge', 'merge', true), answered('close', 'close', '{"do": "close"}'), answered('ask', 'ask', ''), answered('ask it', 'ask', null)]
    for (const text of [rows.map((row) => JSON.stringify(row)).join('\n'), JSON.stringify(rows, null, 2)]) {
      const { accepted, rejected, unreviewed } = await importText(text)
      expect(rejected).toEqual([])
      expect(unreviewed).toBe(2)
      expect(accepted.map(({ instruction, output, rejected }) => [instruction, output, rejected])).toEqual([['open', '{"do":"open"}', '{"do":"close"}'], ['merge', '{"do":"merge"}', undefined], ['close', '{"do": "close"}', undefined]])
      expect(Object.keys(accepted[1]!).sort()).toEqual(['context', 'id', 'instruction', 'intent', 'output', 'slice', 'source'])
    }
  })
  test('is held to the schema like any row', async () => {
    const { accepted, rejected } = await importText(JSON.stringify(answered('fly', 'open', { do: 'fly' })))
    expect(accepted).toEqual([])
    expect(rejected[0]!.problems[0]!.message).toContain('there is no verb "fly"')
  })
})

test('a JSON list is read like lines, and its error has a place', async () => {
  expect((await importText(`[\n${line('open', 'open')}, 5]`)).rejected[0]!.line).toBe(2)
  await expect(importText(`[\n${line('open', 'open')},\n  oops]`)).rejects.toThrow(/rows\.jsonl:3:3:/)
})

test('the same rows get the same ids in any order', async () => {
  const ids = async (rows: string[]) => (await importText(rows.join('\n'))).accepted.map(({ id }) => id).sort()
  expect(await ids([line('a', 'open'), line('b', 'close')])).toEqual(await ids([line('b', 'close'), line('a', 'open')]))
})
