import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { importRows } from '../../../src/dataset/import.ts'
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

test('a JSON list is read like lines, and its error has a place', async () => {
  expect((await importText(`[\n${line('open', 'open')}, 5]`)).rejected[0]!.line).toBe(2)
  await expect(importText(`[\n${line('open', 'open')},\n  oops]`)).rejects.toThrow(/rows\.jsonl:3:3:/)
})

test('the same rows get the same ids in any order', async () => {
  const ids = async (rows: string[]) => (await importText(rows.join('\n'))).accepted.map(({ id }) => id).sort()
  expect(await ids([line('a', 'open'), line('b', 'close')])).toEqual(await ids([line('b', 'close'), line('a', 'open')]))
})
