import type { Token } from 'node-llama-cpp'
import type { Engine, Generation } from './engine.ts'
import type { Constraint } from './llama.ts'

/** So many other ways are tried at most, the most probable first. */
const mostBranches = 8
/** A less probable token is not worth an answer of its own. */
const leastProbability = 0.01
/** An answer so much less probable than the first (in nats) is not what was meant, whatever the first overlooked. */
const mostNats = 5

/** An answer with how much of it cannot be right; 0: nothing. */
export interface Weighed {
  generation: Generation
  doubts: number
}

export interface SecondLookOptions<W extends Weighed> {
  engine: Engine
  prompt: Token[]
  isEnd: (token: Token) => boolean
  maxTokens: number
  /** Starts an answer under the grammar of this look. */
  constrain: () => Constraint
  weigh: (generation: Generation) => W
}

/**
 * Greedy decoding decides token by token, so an answer may end up saying what cannot be right. Then the other ways are tried that
 * differ from it in one decision, and the first without doubts is taken, or else the one with the fewest; the answer given stays where none
 * is better. (Limited discrepancy search, Harvey and Ginsberg 1995, with one discrepancy.)
 */
export async function secondLook<W extends Weighed>(first: W, { engine, prompt, isEnd, maxTokens, constrain, weigh }: SecondLookOptions<W>): Promise<W> {
  let best = first
  const consider = (found: Generation) => {
    if (!found.ended || total(found) < total(first.generation) - mostNats) return
    const weighed = weigh(found)
    if (weighed.doubts < best.doubts) best = weighed
  }
  const greedy = await engine.generate(prompt, { constraint: constrain(), isEnd, maxTokens, alternatives: leastProbability })
  consider(greedy)
  const branches = greedy.alternatives.sort((a, b) => b.logProbability - a.logProbability).slice(0, mostBranches)
  for (const { at, token, logProbability } of branches) {
    if (best.doubts === 0) break
    const start = { tokens: [...greedy.tokens.slice(0, at), token], logProbabilities: [...greedy.logProbabilities.slice(0, at), logProbability] }
    consider(await engine.generate(prompt, { constraint: constrain(), isEnd, maxTokens, start }))
  }
  return best
}

/** An answer that did not end is no measure for others. */
const total = ({ logProbabilities, ended }: Generation) => (ended ? logProbabilities.reduce((sum, each) => sum + each, 0) : -Infinity)
