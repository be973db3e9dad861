import { describe, expect, test } from 'vitest'
import type { Row } from '../../../src/dataset/row.ts'
import { untrainedPrompt } from '../../../src/evaluation/untrained-prompt.ts'
import { againstUntrained } from '../../../src/evaluation/untrained.ts'
import { fakeFamily, fakeSchema } from '../../fixtures/fake-family.ts'
import { fakePredictor, truth } from './fake-predictor.ts'

const row = (verb: string, n: number): Row => ({ instruction: `${verb} ${n}`, context: null, output: JSON.stringify({ do: verb, n }), slice: { command: verb } })
const task = { family: fakeFamily, schema: fakeSchema }

describe('the prompt of an untrained model', () => {
  const train = Array.from({ length: 40 }, (_, n) => row(n < 37 ? 'open' : 'close', n))
  const prompt = (room: number) => untrainedPrompt({ ...task, train, room, count: (text) => text.length })

  test('has the system text, the schema of an answer, and examples of every kind', () => {
    const { text, examples, schema } = prompt(10_000)
    expect(text.startsWith('Be brief.\n\nAnswer with one line of JSON')).toBe(true)
    expect(text).toContain('{"type":"object"}')
    expect(text).toContain('\n\nRequest:\nopen 0\nAnswer:\n{"do":"open","n":0}')
    expect(text).toContain('Request:\nclose 37\n')
    expect({ examples, schema }).toEqual({ examples: 12, schema: true })
    expect(text.split('Request:').length - 1).toBe(12)
  })

  test('keeps to its room: first the schema goes, then examples', () => {
    const { text, examples, schema } = prompt(230)
    expect(text.length).toBeLessThanOrEqual(230)
    expect(schema).toBe(false)
    expect(examples).toBeGreaterThan(0)
    expect(examples).toBeLessThan(12)
  })

  test('shows no example where there is no training split', () => expect(untrainedPrompt({ ...task, train: [], room: 1_000, count: (text) => text.length })).toMatchObject({ examples: 0, schema: true }))
})

describe('a trained model beside an untrained one', () => {
  const rows = Array.from({ length: 400 }, (_, n) => row(n % 2 ? 'open' : 'close', 1_000 + n))
  const asking = (answer: (text: string) => string, prompt: number, tokens: number, latencyMs: number) => ({ ...fakePredictor((text) => ({ completion: answer(text), tokens, latencyMs })), promptTokens: () => new Array<never>(prompt).fill(0 as never) })
  const untrained = asking((text) => truth(text.replace('open', 'close')), 900, 20, 800)

  test('gains in quality, tokens and time, on the same rows', async () => {
    const found = await againstUntrained({ ...task, train: [row('open', 1_001)], rows, untrained, trained: asking(truth, 30, 8, 12) })
    expect(found).toMatchObject({ n: 300, rows: 400, trained: { equivalent: 1, tokens: { prompt: 30, answer: 8 }, latency_ms: { p50: 12, p95: 12 } }, untrained: { tokens: { prompt: 900, answer: 20 }, latency_ms: { p50: 800 } } })
    const wrong = Math.round(300 * (1 - found.untrained.equivalent))
    expect(wrong).toBeGreaterThan(100)
    expect(found.gain).toMatchObject({ n: 300, only_first: wrong, only_second: 0, tokens_saved: 882, latency_ms_saved: 788 })
    expect(found.gain!.points).toBeCloseTo(100 * (1 - found.untrained.equivalent))
    expect(found.gain!.p_value).toBeLessThan(1e-9)
    expect(found.near_training).toBeGreaterThan(0)
  })

  test('without one there is no gain to tell', async () => {
    expect(await againstUntrained({ ...task, train: [], rows: rows.slice(0, 4), untrained })).toMatchObject({ n: 4, trained: null, gain: null, near_training: 0, untrained: { equivalent: 0.5 } })
  })
})
