import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, expect, test } from 'vitest'
import { splitFiles } from '../../../src/dataset/assemble.ts'
import { hash53 } from '../../../src/dataset/text.ts'
import { InputError } from '../../../src/errors.ts'
import { makePreferences, type PreferencePair } from '../../../src/inference/preferences.ts'
import type { TaskFamily } from '../../../src/tasks/family.ts'
import { fakeFamily, fakeSchema, type FakeSchema } from '../../fixtures/fake-family.ts'
import { fakePredictor, truth } from '../evaluation/fake-predictor.ts'

const word = (seed: number) => hash53('word', seed).toString(36).replace(/\d/g, '').slice(0, 8)
const question = (index: number) => `${fakeSchema.verbs[index % 4]} ${word(index)} ${word(index + 5000)} ${word(index + 9000)} ${index}`
/** Fresh inputs long enough to resemble each other or not, and one near miss for each. */
const family: TaskFamily<FakeSchema> = {
  ...fakeFamily,
  writeOffline: (_, { index, slice }) => ({ instruction: question(index), context: null, output: JSON.stringify({ do: slice.command, n: index }), slice }),
  nearMisses: (_, row) => [row.output.replace(/\d+/, '999')],
}
const hooks = { onProgress: () => {}, signal: new AbortController().signal } as unknown as Parameters<typeof makePreferences>[1]

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'preferences-'))
  for (const file of Object.values(splitFiles)) await writeFile(join(folder, file), '')
})

async function pairsOf(predictor: ReturnType<typeof fakePredictor>, golden?: string): Promise<{ facts: Record<string, unknown>; made: PreferencePair[] }> {
  const out = join(folder, 'preferences.jsonl')
  const facts = await makePreferences({ family, schema: fakeSchema, predictor, dataset: folder, golden, pairs: 20, seed: 1, out }, hooks)
  return { facts, made: (await readFile(out, 'utf8')).split('\n').filter(Boolean).map((line) => JSON.parse(line) as PreferencePair) }
}

test('a right answer is paired with a near miss, a wrong one is rejected itself, as is one that did not end', async () => {
  const wrong = fakePredictor((text) => (text.startsWith('close') ? truth(text).replace('close', 'open') : text.startsWith('merge') ? { completion: `${truth(text)}{"do":`, endedByEos: false } : truth(text)))
  const { facts, made } = await pairsOf(wrong)
  expect(made).toHaveLength(20)
  for (const { text, chosen, rejected, kind } of made) {
    expect(chosen).toBe(truth(text))
    if (text.startsWith('close')) expect({ rejected, kind }).toEqual({ rejected: chosen.replace('close', 'open'), kind: 'model error' })
    else if (!text.startsWith('merge')) expect({ rejected, kind }).toEqual({ rejected: chosen.replace(/\d+/, '999'), kind: 'near miss' })
    else expect({ rejected, kind }).toEqual({ rejected: `${chosen}{"do":`, kind: 'malformed' })
  }
  expect(facts).toEqual(Object.fromEntries([['pairs', 20], ...([['model_errors', 'model error'], ['malformed', 'malformed'], ['near_misses', 'near miss']] as const).map(([fact, kind]) => [fact, made.filter((pair) => pair.kind === kind).length])]))
  expect(new Set(made.map(({ kind }) => kind)).size).toBe(3)
})

test('what a person put right comes first, beside the wrong answer as the model would have written it', async () => {
  const rows = [{ instruction: 'close door 4', rejected: '{"n":4, "do":"open"}' }, { instruction: 'merge it 7', rejected: 'no JSON' }, { instruction: 'open it 8' }]
  await writeFile(join(folder, splitFiles.train), rows.map((row, index) => `${JSON.stringify({ id: `import-${index}`, context: null, output: truth(row.instruction), ...row })}\n`).join(''))
  const { facts, made } = await pairsOf(fakePredictor(truth))
  expect(made.slice(0, 3).map(({ id, chosen, rejected, kind }) => ({ id, chosen, rejected, kind }))).toEqual([
    { id: 'import-0', chosen: truth('close door 4'), rejected: '{"do":"open","n":4}', kind: 'correction' },
    { id: 'import-1', chosen: truth('merge it 7'), rejected: 'no JSON', kind: 'correction' },
    expect.objectContaining({ kind: 'near miss' }),
  ])
  expect(facts).toMatchObject({ pairs: 20, corrections: 2, near_misses: 18 })
})

test('an answer that says nothing is rejected like any other wrong one, and a question that is too long is left out', async () => {
  const mute = fakePredictor((text) => {
    if (text.startsWith('merge')) throw new InputError('The question is too long')
    return text.startsWith('close') ? '' : truth(text)
  })
  const { made } = await pairsOf(mute)
  expect(new Set(made.map(({ text, rejected }) => `${text.split(' ')[0]} ${rejected === ''}`))).toEqual(new Set(['open false', 'close true', 'ask false']))
})

test('fresh inputs that read like a hand-written or held-out row are left out', async () => {
  const golden = join(folder, 'golden.jsonl')
  const before = (await pairsOf(fakePredictor(truth))).made.map(({ instruction }) => instruction)
  const [handWritten, heldOut] = [before[0]!, before[1]!]
  // In a form that only the family reads, with other case and punctuation.
  await writeFile(golden, JSON.stringify({ instruction: `${handWritten.toUpperCase()}!`, answer: truth(handWritten) }))
  await writeFile(join(folder, splitFiles.test), JSON.stringify({ instruction: `${heldOut}?`, context: null, output: truth(heldOut) }))
  const predictor = fakePredictor(truth)
  const { made } = await pairsOf(predictor, golden)
  expect(made).toHaveLength(20)
  for (const near of [handWritten, heldOut]) {
    expect(predictor.asked).not.toContain(near)
    expect(made.map(({ instruction }) => instruction)).not.toContain(near)
  }
})
