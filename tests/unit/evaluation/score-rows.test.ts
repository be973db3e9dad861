import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Row } from '../../../src/dataset/row.ts'
import { InputError } from '../../../src/errors.ts'
import { readScorable, scoreRows } from '../../../src/evaluation/score-rows.ts'
import { family as familyOf, loadSchema } from '../../../src/tasks/index.ts'
import { fakeFamily as family, fakeSchema as schema } from '../../fixtures/fake-family.ts'
import { fakePredictor, truth } from './fake-predictor.ts'

const folder = mkdtempSync(join(tmpdir(), 'clitron-score-'))
const written = (name: string, lines: unknown[]) => {
  const file = join(folder, name)
  writeFileSync(file, lines.map((line) => `${typeof line === 'string' ? line : JSON.stringify(line)}\n`).join(''))
  return file
}
const good = (n: number) => ({ instruction: `open ${n}`, output: JSON.stringify({ do: 'open', n }) })

test('bad rows are listed with their lines, the rest is scored', async () => {
  const file = written('mixed.jsonl', [good(1), '{"broken', { output: '{}' }, { instruction: '  ', output: '{"do":"open"}' }, { instruction: 'x'.repeat(5000), output: '{"do":"open"}' }, { instruction: 'open', output: 'no JSON' }, good(2)])
  const section = await scoreRows({ predictor: fakePredictor(truth), family, schema, file })
  expect(section).toMatchObject({ n: 2, equivalent: 1 })
  expect(section.bad_rows.map(({ line }) => line)).toEqual([2, 3, 4, 5, 6])
  expect(section.bad_rows[3]!.message).toContain('5,000 characters')
})

test('a file in which no row can be scored is refused with the first reason', async () => {
  await expect(readScorable({ family, schema, file: written('bad.jsonl', [{ output: '{}' }]) })).rejects.toThrow(/none of the 1 rows can be scored; the first, line 1: expected "instruction"/)
  await expect(readScorable({ family, schema, file: written('empty.jsonl', []) })).rejects.toThrow(InputError)
  await expect(readScorable({ family, schema, file: join(folder, 'missing.jsonl') })).rejects.toThrow('there is no such file')
})

test('rows that the model was trained on, or nearly, are counted', async () => {
  const rows = ['Open the ticket of yesterday 1', 'open the ticket of yesterday 2', 'merge whatever waits longest 3'].map((instruction, n) => ({ instruction, output: JSON.stringify({ do: instruction.split(' ')[0]!.toLowerCase(), n: n + 1 }) }))
  const file = written('known.jsonl', rows)
  const score = (train: Row[]) => scoreRows({ predictor: fakePredictor(truth), family, schema, file, train })
  const trained: Row = { instruction: 'open the ticket of yesterday 1', context: null, output: '{"do":"open","n":1}' }
  expect(await score([trained])).toMatchObject({ n: 3, equivalent: 1, near_training: 2 })
  expect(await score([{ ...trained, instruction: 'close it' }])).toMatchObject({ near_training: 0 })
  expect(await score([])).toMatchObject({ near_training: null })
})

describe('rows in the forms people have', () => {
  const yaml = 'cli_name: light\ndescription: Switch the light\ncommands:\n  - {name: "on", description: Switch it on, args: [{name: level, type: integer, description: Brightness, positional: true}], flags: []}\n'
  const cli = { family: familyOf('cli'), schema: loadSchema({ name: 'light', file: 'light.yaml', text: yaml }).schema }
  test('a shell line, a question with its answer, an answer as JSON', async () => {
    const file = written('forms.jsonl', [{ instruction: 'light on', command: 'light on' }, { question: 'make it 40', answer: 'light on 40' }, { instruction: 'on', output: { type: 'command', command: 'on' } }])
    const { rows, bad } = await readScorable({ ...cli, file })
    expect(bad).toEqual([])
    expect(rows.map(({ output }) => cli.family.completion(cli.schema, output))).toEqual([
      '{"type":"command","command":"on","subcommand":null,"args":{},"flags":[]}', '{"type":"command","command":"on","subcommand":null,"args":{"level":40},"flags":[]}', '{"type":"command","command":"on","subcommand":null,"args":{},"flags":[]}',
    ])
  })
})
