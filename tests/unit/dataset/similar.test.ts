import fc from 'fast-check'
import { expect, test } from 'vitest'
import { gramsOf, jaccard } from '../../../src/dataset/grams.ts'
import { similarPairs } from '../../../src/dataset/similar.ts'
import { fold } from '../../../src/dataset/text.ts'

const naive = (a: string, b: string) => {
  const grams = (text: string) => new Set(Array.from({ length: Math.max(1, text.length - 4) }, (_, at) => text.slice(at, at + 5)))
  const x = grams(fold(a))
  const y = grams(fold(b))
  const shared = [...x].filter((gram) => y.has(gram)).length
  return shared / (x.size + y.size - shared)
}

const words = fc.array(fc.constantFrom('show', 'list', 'my', 'open', 'pull request', 'issues', '12', '345', 'in', 'repo', 'main', 'größe', '变更'), { minLength: 1, maxLength: 7 }).map((list) => list.join(' '))

test('Jaccard over 5-grams equals the one counted with sets of strings', () => {
  fc.assert(fc.property(fc.oneof(words, fc.string({ unit: 'grapheme' })), words, (a, b) => {
    expect(jaccard(a, b)).toBeCloseTo(naive(a, b), 10)
  }))
})

test.each([0.5, 0.7, 0.9, 1])('the join finds exactly the pairs that comparing all with all finds, at %f', async (threshold) => {
  await fc.assert(fc.asyncProperty(fc.array(words, { minLength: 2, maxLength: 40 }), async (texts) => {
    const expected = new Set<string>()
    for (let a = 0; a < texts.length; a++) for (let b = 0; b < a; b++) if (naive(texts[a]!, texts[b]!) >= threshold - 1e-9) expected.add(`${a} ${b}`)
    const found = new Set<string>()
    const all = texts.map((_, index) => index)
    await similarPairs({ grams: gramsOf(texts), among: all, of: all, threshold, once: true, onMatch: (query, row, similarity) => {
      expect(similarity).toBeCloseTo(naive(texts[query]!, texts[row]!), 6)
      found.add(`${query} ${row}`)
    } })
    expect(found).toEqual(expected)
  }), { numRuns: 40 })
})

test('case, width, quotes and white space do not tell texts apart', () => {
  expect(jaccard('Show  “PR” 12', 'show "pr" 12')).toBe(1)
})

test('a join stops when it is told to', async () => {
  const stop = new AbortController()
  stop.abort(new Error('enough'))
  await expect(similarPairs({ grams: gramsOf(['a', 'b']), among: [0], of: [1], threshold: 0.7, onMatch() {} }, { signal: stop.signal })).rejects.toThrow('enough')
})
