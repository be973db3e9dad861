import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { lintGolden } from '../../../src/dataset/lint.ts'
import { fakeFamily, fakeSchema } from '../../fixtures/fake-family.ts'

const line = (instruction: string, verb: string, more = {}) => JSON.stringify({ instruction, context: null, output: JSON.stringify({ do: verb }), part: 'dev', ...more })

test('rows that their own schema refuses are named by line, rows in training data too', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'lint-'))
  const file = join(folder, 'golden.jsonl')
  const training = join(folder, 'train.jsonl')
  await writeFile(file, [line('please open the door now', 'open'), line('fly', 'fly'), line('close it', 'close', { accepted: ['{"do":"swim"}'] }), line('merge everything', 'merge', { part: 'final' }), line('please open the door now', 'close')].join('\n'))
  await writeFile(training, line('please open the door now!', 'open'))
  const result = await lintGolden({ family: fakeFamily, schema: fakeSchema, file, training: [training] })
  expect(result.problems.map(({ line: at, message }) => `${at} ${message}`)).toEqual([
    '2 schema: there is no verb "fly"', '3 accepted answer {"do":"swim"}: schema: there is no verb "swim"', '5 line 1 asks the same and answers otherwise: {"do":"open"}',
  ])
  expect(result.warnings[0]!.message).toMatch(/train\.jsonl:1 is trained on and reads like it/)
  expect(result.parts).toEqual({ dev: 2, final: 1, none: 0 })
})

test('a golden row may stand in any form that import reads; one in none of them is named', async () => {
  const file = join(await mkdtemp(join(tmpdir(), 'lint-')), 'golden.jsonl')
  await writeFile(file, ['{"instruction":"close it","answer":"{\\"do\\":\\"close\\"}","part":"dev"}', '{"ask":"open it"}'].join('\n'))
  const { rows, parts, problems } = await lintGolden({ family: fakeFamily, schema: fakeSchema, file })
  expect({ rows, parts, problems }).toEqual({ rows: 1, parts: { dev: 1, final: 0, none: 0 }, problems: [{ line: 2, message: 'expected "instruction", a string' }] })
})
