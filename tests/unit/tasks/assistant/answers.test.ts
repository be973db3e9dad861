import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Row } from '../../../../src/dataset/row.ts'
import { Engine } from '../../../../src/inference/engine.ts'
import { groundedness } from '../../../../src/tasks/assistant/groundedness.ts'
import { assistant as family } from '../../../../src/tasks/assistant/index.ts'
import { parse } from '../../../../src/tasks/assistant/parse.ts'
import { randomModel } from '../../inference/random-model.ts'
import { acceptor } from '../acceptor.ts'
import { kettle, kettleYaml, starweave } from './fixtures.ts'

const quotes = (...ids: string[]) => JSON.stringify({ quotes: ids })
const row = (instruction: string, output: string, history?: { question: string; answer: string }[]): Row => ({ instruction, context: history ? { history } : null, output })
const free = parse({ name: 'kettle', file: 'schemas/kettle.yaml', text: kettleYaml('', { answers: 'free' }) })
const off = quotes('use/boil-lock/off')
const refused = JSON.stringify({ refusal: 'off_topic' })
const asked = (...sections: string[]) => JSON.stringify({ type: 'clarification', message: '?', suggestions: sections.map((command) => ({ label: 'x', command })) })

describe('the grammar', () => {
  let engine: Engine
  beforeAll(async () => {
    engine = await Engine.load({ gguf: randomModel() })
  }, 60_000)
  afterAll(() => engine?.close())

  test.each([off, quotes('use/boil-lock/what', 'lib/kettle/boil-2/example', 'trouble/the-lid-is-stuck/fix'), refused, '{"refusal":"not_in_sources"}', asked(), asked('use/boil-lock', 'use/lid-lock')])('accepts %s', async (output) => {
    expect((await acceptor(engine, family.grammar(kettle)))(family.target(kettle, output))).toBe(true)
  })

  test.each([
    ['a passage that there is not', quotes('use/boil-lock/fix')],
    ['a passage that is held out', quotes('secret/recipe/what')],
    ['four passages', quotes('use/boil-lock/what', 'use/boil-lock/off', 'use/boil-lock/more', 'use/boil-lock/more-2')],
    ['none', '{"quotes":[]}'],
    ['own words', '{"answer":"Press it twice."}'],
    ['choices of its own', asked('use/boil-lock')],
    ['an answer that is cut', '{"quotes":["use/boil-lock/off"'],
  ])('refuses %s', async (_what, text) => expect((await acceptor(engine, family.grammar(kettle)))(text)).toBe(false))

  test('it accepts every row of the offline teacher', async () => {
    const accepts = await acceptor(engine, family.grammar(starweave))
    for (const brief of family.plan(starweave, { count: 150, seed: 3 })) {
      const target = family.target(starweave, family.writeOffline(starweave, brief, 3).output)
      expect(accepts(target), target).toBe(true)
    }
  })

  test('free answers are words', async () => {
    const accepts = await acceptor(engine, family.grammar(free))
    expect(accepts('{"answer":"The lid lock keeps 2.5 litres in."}')).toBe(true)
    expect(accepts(off)).toBe(false)
  })
})

describe('what an answer rests on, for who judges it', () => {
  const ids = (question: string, outputs: string[], history?: { question: string; answer: string }[]) => family.evidence!(kettle, row(question, off, history), outputs).map(({ id }) => id)

  test('what is quoted and what a search finds, in the order of the sources, whoever quotes it', () => {
    const found = ids('how do i turn the boil lock off', [off, quotes('lib/kettle/boil-2/returns')])
    expect(found).toEqual(expect.arrayContaining(['lib/kettle/boil-2/returns', 'use/boil-lock/off']))
    expect(found).toEqual(ids('how do i turn the boil lock off', [quotes('lib/kettle/boil-2/returns'), off]))
    expect(found.indexOf('lib/kettle/boil-2/returns')).toBeLessThan(found.indexOf('use/boil-lock/off'))
    expect(found).not.toContain('use/boil-lock/more')
  })

  test('of a refusal and of own words the whole sections: any of it may speak against them', () => {
    expect(ids('how do i turn the boil lock off', [off, refused])).toEqual(expect.arrayContaining(['use/boil-lock/what', 'use/boil-lock/off', 'use/boil-lock/more']))
    const own = family.evidence!(free, row('who knows', off), [JSON.stringify({ answer: 'The lid lock keeps 2.5 litres in.' })])
    expect(own).toEqual([{ id: 'use/lid-lock/what', text: 'The lid lock keeps 2.5 litres in.' }])
  })

  test('a follow-up is searched with the question before it; an answer that breaks off quotes nothing', () => {
    expect(ids('and how do i turn it off', [off], [{ question: 'what is the lid lock', answer: 'x' }]).some((id) => id.startsWith('use/lid-lock/'))).toBe(true)
    expect(ids('who won the world cup', ['{"quotes":["use/boil'])).toEqual([])
  })
})

describe('what an answer is worth', () => {
  const truth = row('turn the lock off', off)
  test.each([
    [off, undefined],
    [quotes('use/boil-lock/what'), 'wrong passage'],
    [quotes('use/boil-lock/off', 'use/boil-lock/what'), 'passage too many'],
    [quotes('use/lid-lock/off'), 'wrong topic'],
    [quotes('use/boil-lock/fix'), 'not grounded'],
    [quotes('secret/recipe/what'), 'not grounded'],
    [refused, 'wrongly refused'],
    [asked(), 'should not have asked'],
    ['{"quotes":', 'not JSON'],
    ['', 'not JSON'],
  ])('%s: %s', (predicted, error) => expect(family.score(kettle, predicted, truth).error).toBe(error))

  test('what has to be refused and is not, is named by what it is about', () => {
    expect(family.score(kettle, off, row('who won', refused)).error).toBe('off-topic answered')
    expect(family.score(kettle, off, row('its price', '{"refusal":"not_in_sources"}')).error).toBe('answered although not in the sources')
    expect(family.score(kettle, '{"refusal":"not_in_sources"}', row('who won', refused)).equivalent).toBe(true)
  })

  test('passages are a set, and an accepted answer is as right', () => {
    const both = quotes('use/boil-lock/what', 'use/boil-lock/off')
    expect(family.score(kettle, quotes('use/boil-lock/off', 'use/boil-lock/what'), row('x', both)).equivalent).toBe(true)
    expect(family.score(kettle, quotes('use/boil-lock/what'), row('x', both)).error).toBe('passage missing')
    expect(family.score(kettle, off, { ...row('x', both), accepted: [off] }).equivalent).toBe(true)
  })

  test('figures stand only beside the rows they can be told of', () => {
    const of = (predicted: string, each: Row) => family.metrics!(kettle, predicted, each, family.score(kettle, predicted, each))
    expect(of(off, truth)).toEqual({ groundedness: 1, 'right and grounded': 1, 'wrongly refused': 0, 'wrongly asked back': 0, 'right topic': 1, 'ROUGE-L': 1, BLEU: 1, chrF: 1 })
    expect(of(refused, truth)).toMatchObject({ 'right and grounded': 0, 'wrongly refused': 1, chrF: 0 })
    expect(of(refused, truth)).not.toHaveProperty('groundedness')
    expect(of(off, row('who won', refused))).toEqual({ groundedness: 1, 'refused what is not in the sources': 0, 'answered when it should not': 1 })
    expect(of(asked(), row('what', asked()))).toEqual({ 'asked back': 1 })
  })

  test('near misses are allowed, wrong and different', () => {
    for (const each of [truth, row('who won', refused), row('it', asked())]) {
      const misses = family.nearMisses(kettle, each, 5)
      expect(misses.length).toBeGreaterThan(2)
      expect(new Set(misses).size).toBe(misses.length)
      for (const miss of misses) expect(family.score(kettle, miss, each)).toMatchObject({ allowed: true, equivalent: false })
    }
  })
})

describe('groundedness', () => {
  test.each([
    ['The lid lock keeps 2.5 litres in.', 1],
    ['In the kettle, the lid lock keeps 2.5 litres.', 1],
    ['The lid lock keeps 3 litres in.', 0],
    ['The lid lock of Siemens keeps 2.5 litres in.', 0],
    ['The boil lock keeps the button down. It was invented by somebody famous.', 0.5],
    ['To turn it off, press `A. C` twice.', 0],
    ['Heats water and keeps the button down.', 0],
    ['', 1],
  ])('%j: %d', (text, share) => expect(groundedness(kettle, text).share).toBe(share))

  test('an answer in own words is allowed where every sentence is covered', () => {
    expect(family.validate(free, row('x', '{"answer":"The lid lock keeps 2.5 litres in."}'))).toEqual([])
    expect(family.validate(free, row('x', '{"answer":"The lid lock keeps 9 litres in."}'))[0]).toMatchObject({ rule: 'value', message: expect.stringMatching(/expected every sentence to be covered .* found "The lid lock keeps 9 litres in\."/) })
    expect(family.validate(kettle, row('x', '{"answer":"The lid lock keeps 2.5 litres in."}'))[0]!.message).toMatch(/own words/)
  })
})

describe('what people see', () => {
  test('a quote stands with its file and line', () => {
    expect(family.answer(kettle, quotes('use/lid-lock/what'), 0.9)).toEqual({ response: 'The lid lock keeps 2.5 litres in.', sources: [{ id: 'use/lid-lock/what', text: 'The lid lock keeps 2.5 litres in.', file: 'use.md', line: 11 }], confidence: 0.9 })
  })

  test('a refusal says why, a question back what to choose from', () => {
    expect(family.answer(kettle, refused, 0.9)).toEqual({ response: 'That is not about kettle, and I know nothing else.', refusal: 'off_topic', confidence: 0.9 })
    expect(family.answer(kettle, family.completion(kettle, asked('use/boil-lock', 'use/lid-lock')), 0.9)).toMatchObject({ message: 'Which of these do you mean?', suggestions: [{ label: 'Boil lock', command: 'use/boil-lock' }, { label: 'Lid lock', command: 'use/lid-lock' }] })
  })

  test('only what quotes may be given without asking', () => {
    expect([off, refused, asked(), quotes('nowhere/x'), 'nonsense'].map((text) => family.executable(kettle, text))).toEqual([true, false, false, false, false])
    expect([off, refused, asked(), asked('use/boil-lock', 'use/lid-lock')].map((text) => family.clarificationCase!(kettle, text))).toEqual([undefined, 'off_topic', 'unclear', 'ambiguous'])
  })
})
