import { readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { InputError } from '../../../src/errors.ts'
import { loadPredictor, type Predictor } from '../../../src/inference/predictor.ts'
import type { TaskFamily } from '../../../src/tasks/family.ts'
import { randomModel, scratchTemplate as template } from './random-model.ts'

const digits = 'root ::= "{\\"n\\":" [1-9] [0-9]{0,2} "}"'
const family = { userText: (_schema: unknown, instruction: string) => instruction, grammar: () => digits } as unknown as TaskFamily

describe.each(['lfm2', 'llama'] as const)('%s', (arch) => {
  let gguf: string
  let predictor: Predictor
  beforeAll(async () => {
    gguf = randomModel({ arch, pieces: ['{"n":'] })
    predictor = await loadPredictor({ gguf, template, family, schema: null, parallel: 2 })
  }, 60_000)
  afterAll(() => predictor?.close())

  test('whatever the weights, the answer follows the grammar and ends', async () => {
    for (const question of ['show my pull requests', 'x', 'größe 你好 🙂', '"quoted" \\ text']) {
      const answer = await predictor.predict(question, null)
      expect(answer.completion).toMatch(/^\{"n":[1-9][0-9]{0,2}\}$/)
      expect(answer.endedByEos).toBe(true)
      expect(answer.probability).toBeGreaterThan(0)
      expect(answer.probability).toBeLessThan(1e-3) // random weights agree with no grammar
    }
  })

  test('the same question has the same answer and probability, whatever was asked before and at the same time', async () => {
    const alone = await predictor.predict('show 12', null)
    await predictor.predict('show 13 and more', null)
    const [again, other] = await Promise.all([predictor.predict('show 12', null), predictor.predict('something else', null), predictor.predict('and a third', null)])
    expect(again!.completion).toBe(alone.completion)
    expect(again!.logProbability).toBeCloseTo(alone.logProbability, 3)
    expect(other!.completion).toMatch(/^\{"n":/)
  })

  test('the probability is that of the emitted string without the grammar', async () => {
    const { engine } = predictor
    const answer = await predictor.predict('show 12', null)
    const tokens = [...engine.model.tokenize(answer.completion, false), engine.model.tokens.eos!]
    const rescored = await engine.teacherForced(predictor.promptTokens('show 12'), tokens)
    expect(rescored.logProbabilities.reduce((a, b) => a + b, 0)).toBeCloseTo(answer.logProbability, 2)
    const distribution = await engine.distribution([...predictor.promptTokens('show 12'), tokens[0]!])
    expect(distribution.reduce((sum, logProbability) => sum + Math.exp(logProbability), 0)).toBeCloseTo(1, 4)
    expect(distribution[tokens[1]!]).toBeCloseTo(rescored.logProbabilities[1]!, 2)
  })

  test('without the grammar the model decodes freely', async () => {
    const free = await predictor.predict('show 12', null, { grammar: false })
    expect(free.completion).not.toMatch(/^\{"n":[1-9][0-9]{0,2}\}$/)
    if (!free.endedByEos) expect(free.probability).toBe(0)
    // The grammar had to refuse what random weights like, so its answer tells nothing of this one.
    expect((await predictor.predict('show 12', null)).alone).toBeUndefined()
  })

  test('an answer that cannot be right gets a second look under a narrower grammar', async () => {
    const narrow = { ...family, doubts: (_schema: unknown, completion: string, text: string) => (completion === `{"n":${text}}` ? 0 : 50), copyingGrammar: (_schema: unknown, grammar: string, text: string) => grammar.replace('[1-9] [0-9]{0,2}', `"${text}"`) } as unknown as TaskFamily
    const copying = await loadPredictor({ gguf, template, family: narrow, schema: null })
    try {
      const answer = await copying.predict('44', null)
      expect(answer).toMatchObject({ completion: '{"n":44}', endedByEos: true })
      const tokens = [...copying.engine.answerTokens(answer.completion), copying.engine.model.tokens.eos!]
      const rescored = await copying.engine.teacherForced(copying.promptTokens('44'), tokens)
      expect(rescored.logProbabilities.reduce((a, b) => a + b, 0)).toBeCloseTo(answer.logProbability, 2)
    } finally {
      await copying.close()
    }
  })

  test('an answer that is taken although something speaks against it is less sure, and no less probable', async () => {
    const plain = await predictor.predict('show 12', null)
    const doubted = await loadPredictor({ gguf, template, family: { ...family, doubts: () => 8 } as unknown as TaskFamily, schema: null })
    try {
      const answer = await doubted.predict('show 12', null)
      expect(answer.completion).toBe(plain.completion)
      expect(answer.logProbability).toBeCloseTo(plain.logProbability, 3)
      expect(Math.log(answer.probability / plain.probability)).toBeCloseTo(-2, 2)
    } finally {
      await doubted.close()
    }
  })

  test('a misspelt question has the answer to what was meant, where that is more probable and holds nothing that was not said', async () => {
    const [typed, meant] = [await predictor.predict('shwo 7', null), await predictor.predict('show 7', null)]
    const likelier = meant.logProbability > typed.logProbability
    const [worse, better] = likelier ? [{ asked: 'shwo 7', other: 'show 7' }, meant] : [{ asked: 'show 7', other: 'shwo 7' }, typed]
    const reading = async (doubts: (completion: string, text: string) => number) => {
      const other = { ...family, otherReading: () => worse.other, doubts: (_schema: unknown, completion: string, text: string) => doubts(completion, text) } as unknown as TaskFamily
      const readings = await loadPredictor({ gguf, template, family: other, schema: null })
      const answer = await readings.predict(worse.asked, null)
      await readings.close()
      return answer
    }
    const seen: string[] = []
    expect((await reading((_completion, text) => (seen.push(text), 0))).logProbability).toBeCloseTo(better.logProbability, 3)
    expect(new Set(seen)).toEqual(new Set([worse.asked])) // values are looked for in what was typed
    let asked = 0
    expect((await reading(() => (asked++ === 0 ? 0 : 50))).logProbability).not.toBeCloseTo(better.logProbability, 3)
  })

  test('text that spells a special token stays text', () => {
    const [bos, eos, sep] = ['<s>', '</s>', '<sep>'].map((text) => predictor.engine.model.tokenize(text, true)[0]!)
    const tokens = predictor.promptTokens('say </s> and <sep>')
    expect(tokens.filter((token) => token === eos)).toHaveLength(0)
    expect(tokens.filter((token) => token === sep)).toHaveLength(1)
    expect(tokens[0]).toBe(bos)
    expect(predictor.promptTokens('say hello')).toEqual(predictor.engine.model.tokenize('<s>say hello<sep>', true))
  })

  test('an empty question and one of 100 kB are refused, and so is one that does not fit', async () => {
    await expect(predictor.predict('  \n', null)).rejects.toThrow(InputError)
    await expect(predictor.predict('a'.repeat(100_000), null)).rejects.toThrow('at most 4,000')
    await expect(predictor.predict('ü'.repeat(3_900), null)).rejects.toThrow('too long for this model')
  })
})

test('a vocabulary too large to sort at every token is answered from just the same', async () => {
  const pieces = Array.from({ length: 8_200 }, (_, i) => `piece-${i};`)
  const predictor = await loadPredictor({ gguf: randomModel({ arch: 'llama', pieces }), template, family, schema: null })
  try {
    expect((await predictor.predict('show 12', null)).completion).toMatch(/^\{"n":[1-9][0-9]{0,2}\}$/)
    const free = await predictor.predict('show 12', null, { grammar: false })
    const scored = await predictor.engine.teacherForced(predictor.promptTokens('show 12'), predictor.engine.model.tokenize(free.completion, false).slice(0, 3))
    expect(scored.greedy).toEqual(predictor.engine.model.tokenize(free.completion, false).slice(0, 3))
  } finally {
    await predictor.close()
  }
}, 60_000)

test('the space that SentencePiece puts in front belongs to the token, not to the answer', async () => {
  const predictor = await loadPredictor({ gguf: randomModel({ arch: 'llama', spm: true }), template, family, schema: null })
  const { model } = predictor.engine
  expect(model.tokenize('{', false)).toEqual(model.tokenize('\u2581{', false).slice(-1))
  const answer = await predictor.predict('show 12', null)
  expect(answer.completion).toMatch(/^\{"n":[1-9][0-9]{0,2}\}$/)
  expect(answer.endedByEos).toBe(true)
  await predictor.close()
}, 30_000)

test('a long constant prefix is evaluated once and its answers stay the same', async () => {
  for (const arch of ['lfm2', 'llama'] as const) {
    const gguf = randomModel({ arch })
    const long = { ...template, prefix: `<s>${'You turn requests into commands. '.repeat(8)}<sep>` }
    const predictor = await loadPredictor({ gguf, template: long, family, schema: null })
    await predictor.predict('warm up', null)
    const before = predictor.engine.evaluatedTokens
    const answer = await predictor.predict('show 12', null)
    // The grammar refuses what random weights like best, and each time what stands behind the prefix is read again.
    expect(predictor.engine.evaluatedTokens - before).toBeLessThan(predictor.promptTokens('show 12').length / 2)
    const fresh = await loadPredictor({ gguf, template: long, family, schema: null })
    expect((await fresh.predict('show 12', null)).logProbability).toBeCloseTo(answer.logProbability, 3)
    await predictor.close()
    await fresh.close()
  }
}, 60_000)

test('a file that is no GGUF, a missing one and a cut one are refused with the path', async () => {
  const file = join(tmpdir(), `clitron-not-a-gguf-${process.pid}.gguf`)
  writeFileSync(file, '<!doctype html><html><body>Not found</body></html>')
  await expect(loadPredictor({ gguf: file, template, family, schema: null })).rejects.toThrow(/Expected a GGUF model at .*found a file that begins with "<!doctyp/)
  await expect(loadPredictor({ gguf: `${file}.missing`, template, family, schema: null })).rejects.toThrow('there is no such file')
  writeFileSync(file, readFileSync(randomModel()).subarray(0, 100_000))
  await expect(loadPredictor({ gguf: file, template, family, schema: null })).rejects.toThrow('could not be loaded')
})

test('a template whose end is no token of the model is refused', async () => {
  await expect(loadPredictor({ gguf: randomModel(), template: { ...template, eos: '<|im_end|>' }, family, schema: null })).rejects.toThrow('do not belong together')
})
