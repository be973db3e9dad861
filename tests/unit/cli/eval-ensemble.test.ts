import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { main } from '../../../src/cli/main.ts'
import { EnsembleResults } from '../../../src/evaluation/ensemble-results.ts'
import { ArtifactStore } from '../../../src/store/artifacts.ts'
import { inOwnFolder } from '../../fixtures/own-folder.ts'
import { schemaText, trainLamp } from '../production/trained-lamp.ts'

inOwnFolder('ensemble-')
const said = { out: '', err: '' }
beforeEach(() => {
  Object.assign(said, { out: '', err: '' })
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => ((said.out += String(text)), true))
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => ((said.err += String(text)), true))
  mkdirSync('schemas')
  writeFileSync('schemas/lamp.yaml', schemaText)
})
afterEach(() => {
  vi.restoreAllMocks()
  process.exitCode = 0
})

const wishes = ['on please', 'make it bright in here', 'brighten my room', 'i want to read', 'let there be light', 'it is dark', 'night has come', 'i see nothing', 'turn the thing on', 'help me find my keys', 'switch it', 'who is there', 'sun is gone', 'we need light', 'wake the lamp', 'start the lamp', 'morning', 'look here', 'illuminate this', 'some brightness', 'end the darkness', 'shine on me']
const asked = (questions = wishes, file = 'rows.jsonl') => {
  writeFileSync(file, questions.map((instruction) => `${JSON.stringify({ instruction, command: 'lamp on' })}\n`).join(''))
  return file
}
const evaluate = (...options: string[]) => main(['eval', 'lamp', ...options])
const results = () => EnsembleResults.parse(JSON.parse(readFileSync('training/models/lamp/ensemble.json', 'utf8')))

test.each([['1'], ['one,two'], ['1,'], ['1,2;3'], ['-1,2']])('versions are at least two numbers: %s is refused', async (versions) => {
  expect(await evaluate(`--ensemble=${versions}`)).toBe(2)
  expect(said.err).toContain('Expected at least two version numbers, like 1,2,3.')
})

test('no version votes twice', async () => {
  expect(await evaluate('--ensemble', '1,2,1')).toBe(2)
  expect(said.err).toContain('Expected different versions; 1 is named twice.')
})

test.each([['--model', 'x.gguf'], ['--gguf', 'x.gguf'], ['--base', 'llama-3.2-1b'], ['--detach']])('versions are asked as they are: %s is refused', async (...option) => {
  expect(await evaluate('--ensemble', '1,2', ...option)).toBe(2)
  expect(said.err).toContain(`option '--ensemble <versions>' cannot be used with option '${option[0]}`)
})

test('what was never trained has no versions that could vote', async () => {
  expect(await evaluate('--ensemble', '1,2')).toBe(2)
  expect(said.err).toContain('lamp was never trained here')
})

test('versions vote on rows, the champion first, and the result is kept', async () => {
  for (const seed of [1, 2]) await trainLamp({ seed })
  expect(await evaluate('--ensemble', '1,2', '--data', asked(), '--json'), said.err).toBe(0)
  expect(said.err).not.toContain('different datasets')
  const { versions, sets, command } = results()
  expect(JSON.parse(said.out)).toEqual(JSON.parse(readFileSync('training/models/lamp/ensemble.json', 'utf8')))
  expect(command).toBe('npx clitron eval lamp --ensemble 1,2 --data rows.jsonl')
  expect(versions).toMatchObject([{ version: 2, champion: true }, { version: 1, champion: false }])
  for (const { bytes } of versions) expect(bytes).toBeGreaterThan(1_000)
  const { n, left_out, members, ensemble, difference } = sets['rows.jsonl']!
  expect({ n, left_out, members: members.length, compared: difference.n }).toEqual({ n: 22, left_out: 0, members: 2, compared: 22 })
  expect(difference.points).toBeCloseTo(100 * (ensemble.equivalent - members[0]!.equivalent))
  expect(ensemble.latency_ms.p50).toBeGreaterThan(Math.max(...members.map(({ latency_ms }) => latency_ms.p50)))
  // The weights of one at a time lay there.
  expect(readdirSync('.clitron/work/lamp')).toEqual([])
}, 60_000)

test('without --data it needs a test split or a golden set; what one of the versions was trained on is left out, and told', async () => {
  await trainLamp({ train: ['on please'] })
  await trainLamp({ seed: 2, train: ['sun is gone!'] })
  expect(await evaluate('--ensemble', '1,2')).toBe(2)
  expect(said.err).toContain('There is neither a test split nor a golden set of lamp here; give rows with --data FILE.')
  expect(await evaluate('--ensemble', '1,2', '--data', asked(['On please', 'sun is gone', 'wake the lamp'])), said.err).toBe(0)
  expect(said.err).toContain('Versions 1, 2 were trained on 2 different datasets')
  expect(said.err).toContain('rows.jsonl: 2 of 3 rows stand in the training data of one of the versions')
  expect(results().sets['rows.jsonl']).toMatchObject({ n: 1, left_out: 2 })
  expect(said.out).toMatch(/rows\.jsonl: .* of 1 rows equivalent by a vote[^]*version 2 \*[^]*version 1 [^]*the vote [^]*The vote against version 2: /)
  rmSync('training/models/lamp/ensemble.json')
  expect(await evaluate('--ensemble', '1,2', '--data', asked(['On please']))).toBe(2)
  expect(said.err).toContain('No row is left that is new to all of the versions 1, 2; give such rows with --data FILE.')
  expect(existsSync('training/models/lamp/ensemble.json')).toBe(false)
}, 60_000)

test('a version whose files are gone is named, with what to do', async () => {
  await trainLamp()
  const { report } = await trainLamp({ seed: 2 })
  const { 'random.gguf': model } = await new ArtifactStore().readTree(report)
  rmSync(join('store/objects', model!.sha256.slice(0, 2), model!.sha256))
  expect(await evaluate('--ensemble', '1,2', '--data', asked())).toBe(1)
  expect(said.err).toMatch(/The model of version 2 cannot be read: .* or leave 2 out of --ensemble\./)
}, 60_000)
