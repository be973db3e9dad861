import type { Token } from 'node-llama-cpp'
import { expect, test } from 'vitest'
import type { Engine, GenerateOptions, Generation } from '../../../src/inference/engine.ts'
import { isBeatable, secondLook } from '../../../src/inference/second-look.ts'

type Line = [text: string, logProbability: number]

/** Tokens are letters; each line is an answer with the logarithm of its probability, spread evenly, and greedy decoding takes the likeliest that begins as told. */
function engineOf(lines: Line[]) {
  const asked: string[] = []
  const tokens = (text: string) => [...text].map((letter) => letter.charCodeAt(0) as Token)
  const generation = ([text, logProbability]: Line): Generation => ({ tokens: tokens(text), logProbabilities: [...text, 'end'].map(() => logProbability / (text.length + 1)), ended: true, forced: false })
  const textOf = (found: { tokens: Token[] }) => String.fromCharCode(...found.tokens)
  const engine = {
    generate: async (_prompt: Token[], { start, alternatives }: GenerateOptions) => {
      const begin = start ? textOf(start) : ''
      asked.push(begin)
      const fitting = lines.filter(([text]) => text.startsWith(begin)).sort((a, b) => b[1] - a[1])
      const greedy = generation(fitting[0]!)
      if (alternatives !== undefined) {
        greedy.alternatives = []
        for (const [text, logProbability] of fitting.slice(1)) {
          const at = [...text].findIndex((letter, i) => letter !== fitting[0]![0][i])
          greedy.alternatives.push({ at, token: tokens(text)[at]!, logProbability })
        }
      }
      return greedy
    },
  } as unknown as Engine
  const look = async (right: (text: string) => boolean, { noted = false, allows = (_text: string): boolean => true } = {}) => {
    const weigh = (each: Generation) => ({ generation: each, doubts: right(textOf(each)) ? 0 : 5 })
    const found = await secondLook(weigh(noted ? await engine.generate([], { alternatives: 0, isEnd: () => false, maxTokens: 99 }) : generation(lines[0]!)), { engine, prompt: [], isEnd: () => false, maxTokens: 99, constrain: () => constraint(allows), weigh })
    return textOf(found.generation)
  }
  return { asked, look }
}

/** Allows a text letter by letter. */
function constraint(allows: (text: string) => boolean) {
  let text = ''
  return { allows: (token: Token) => allows(text + String.fromCharCode(token)), accept: (token: Token) => void (text += String.fromCharCode(token)) }
}

const lines: Line[] = [['list', -0.1], ['list 50', -2], ['lisp', -3], ['view', -4], ['delete', -9]]

test('the likeliest other way without doubts is taken, and no further one is tried', async () => {
  const { look, asked } = engineOf(lines)
  expect(await look((text) => text.includes('50') || text === 'view')).toBe('list 50')
  expect(asked).toEqual(['', 'list '])
})

test('where the first look noted the other ways, they are not looked for again', async () => {
  const { look, asked } = engineOf(lines)
  expect(await look((text) => text === 'view', { noted: true })).toBe('view')
  expect(asked).toEqual(['', 'list ', 'lisp', 'v'])
})

test('from where the grammar of this look refuses the first answer, it is decoded again', async () => {
  const { look, asked } = engineOf(lines)
  expect(await look((text) => text === 'lisp', { noted: true, allows: (text) => text !== 'list' })).toBe('lisp')
  expect(asked.slice(0, 2)).toEqual(['', 'lis'])
})

test('an answer that is too improbable is not what was meant', async () => {
  expect(await engineOf(lines).look((text) => text === 'delete')).toBe('list')
})

test('where every way has doubts, the likeliest stays', async () => {
  const { look, asked } = engineOf(lines)
  expect(await look(() => false)).toBe('list')
  expect(asked).toEqual(['', 'list ', 'lisp', 'v']) // not "d": what begins so improbably cannot win
})

test('greedy decoding may miss the likeliest answer; a second look does not', async () => {
  const { look } = engineOf([['list', -3], ['list all', -0.9], ['view', -4]])
  expect(await look(() => true)).toBe('list all')
})

test('an answer is looked at again only where another one can be worth more', () => {
  const answer = (probability: number, doubts: number, ended = true) => ({ generation: { tokens: [], logProbabilities: [Math.log(probability)], ended, forced: false }, doubts })
  expect(isBeatable(answer(0.51, 0))).toBe(false)
  expect(isBeatable(answer(0.49, 0))).toBe(true)
  expect(isBeatable(answer(0.95, 2))).toBe(false)
  expect(isBeatable(answer(0.95, 5))).toBe(true)
  expect(isBeatable(answer(0.99, 0, false))).toBe(true)
  expect(isBeatable(answer(0.99, Infinity))).toBe(true)
})
