import type { Token } from 'node-llama-cpp'
import type { Engine, Generation } from './engine.ts'
import type { Constraint } from './llama.ts'

/** So many other ways are tried at most, the most probable first. */
const mostBranches = 8
/** A less probable token is not worth an answer of its own. */
const leastProbability = 0.01
/** An answer so much less probable than the first (in nats) is not what was meant, whatever the first overlooked. */
const mostNats = 5

export interface SecondLookOptions {
  engine: Engine
  prompt: Token[]
  isEnd: (token: Token) => boolean
  maxTokens: number
  /** Starts an answer under the grammar of this look. */
  constrain: () => Constraint
  /** How much of an answer cannot be right; 0: nothing. */
  doubts: (generation: Generation) => number
}

/**
 * Greedy decoding decides token by token, so an answer may end up saying what cannot be right. Then the other ways are tried that
 * differ from it in one decision, and the first without doubts is taken, or else the one with the fewest; the answer given stays where none
 * is better. (Limited discrepancy search, Harvey and Ginsberg 1995, with one discrepancy.)
 */
export async function secondLook(first: Generation, { engine, prompt, isEnd, maxTokens, constrain, doubts }: SecondLookOptions): Promise<Generation> {
  let best = first
  let least = doubts(first)
  const consider = (found: Generation) => {
    const count = found.ended ? doubts(found) : Infinity
    if (count < least && total(found) >= total(first) - mostNats) [best, least] = [found, count]
  }
  const greedy = await engine.generate(prompt, { constraint: constrain(), isEnd, maxTokens, alternatives: leastProbability })
  consider(greedy)
  const branches = greedy.alternatives.sort((a, b) => b.logProbability - a.logProbability).slice(0, mostBranches)
  for (const { at, token, logProbability } of branches) {
    if (least === 0) break
    const start = { tokens: [...greedy.tokens.slice(0, at), token], logProbabilities: [...greedy.logProbabilities.slice(0, at), logProbability] }
    consider(await engine.generate(prompt, { constraint: constrain(), isEnd, maxTokens, start }))
  }
  return best
}

/** An answer that did not end is no measure for others. */
const total = ({ logProbabilities, ended }: Generation) => (ended ? logProbabilities.reduce((sum, each) => sum + each, 0) : -Infinity)
