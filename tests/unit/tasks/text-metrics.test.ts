import { describe, expect, test } from 'vitest'
import { bleu, chrf, rougeL } from '../../../src/tasks/text-metrics.ts'

describe('BLEU', () => {
  // The example of Papineni et al. (2002), by NLTK's documentation of sentence_bleu: 0.5045666840058485.
  const candidate = 'It is a guide to action which ensures that the military always obeys the commands of the party'
  const references = ['It is a guide to action that ensures that the military will forever heed Party commands', 'It is the guiding principle which guarantees the military forces always being under the command of the Party', 'It is the practical guide for the army always to heed the directions of the party']

  test('is that of the published example', () => expect(bleu(candidate, ...references)).toBeCloseTo(0.5045666840058485, 1))
  test('counts a word no oftener than a reference has it', () => {
    // Modified unigram precision 2/7 (Papineni et al., section 2.1), as far as it can be seen through the smoothed other orders.
    expect(bleu('the', 'the cat')).toBeCloseTo(Math.exp(1 - 2), 10)
    expect(bleu('the the', 'the cat')).toBeCloseTo(Math.sqrt((1 / 2) * 0.1), 10)
  })
  test('is 1 for the same words and 0 for none in common', () => {
    expect(bleu('lift the lid', 'Lift the lid')).toBe(1)
    expect(bleu('lift the lid', 'press it')).toBe(0)
    expect(bleu('', 'press it')).toBe(0)
  })
})

describe('chrF', () => {
  test.each([
    ['lift the lid', 'lift the lid', 1],
    ['', 'x', 0],
    ['abc', 'xyz', 0],
    // By hand: orders 1 to 3 of "abc" against "abd"; precision and recall are each (2/3 + 1/2 + 0)/3.
    ['abc', 'abd', (2 / 3 + 1 / 2) / 3],
    // Recall counts four times: precision 1, recall (2/4 + 1/3)/2 over the two orders that both have.
    ['ab', 'abcd', (5 * ((1 / 2 + 1 / 3) / 2)) / (4 + (1 / 2 + 1 / 3) / 2)],
  ])('%j and %j: %d', (candidate, reference, value) => expect(chrf(candidate, reference)).toBeCloseTo(value, 10))
})

describe('ROUGE-L', () => {
  // Lin (2004), section 3.1: S1 "police killed the gunman", S2 0.75, S3 0.5.
  test.each([['police kill the gunman', 0.75], ['the gunman kill police', 0.5], ['Police killed the gunman', 1], ['', 0]])('%j: %d', (candidate, value) => expect(rougeL(candidate, 'police killed the gunman')).toBeCloseTo(value, 10))
})
