import type { Token } from 'node-llama-cpp'
import type { Engine, Generation } from './engine.ts'
import type { Constraint } from './llama.ts'

/** So many other ways are tried at most, the most probable first. */
const mostBranches = 8
/** A less probable token is not worth an answer of its own. */
const leastProbability = 0.01
/** An answer with what speaks against it, in nats; 0: nothing. */
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
 * Greedy decoding decides token by token: it may end up with an answer that another one beats, and with one that cannot be right. Then the
 * other ways are tried that differ from it in one decision, and the answer that is worth most is taken: the logarithm of its probability less
 * what speaks against it. (Limited discrepancy search, Harvey and Ginsberg 1995, with one discrepancy.)
 */
export async function secondLook<W extends Weighed>(first: W, { engine, prompt, isEnd, maxTokens, constrain, weigh }: SecondLookOptions<W>): Promise<W> {
  let best = first
  const consider = (found: Generation) => {
    const weighed = weigh(found)
    if (worth(weighed) > worth(best)) best = weighed
  }
  const greedy = await engine.generate(prompt, { constraint: constrain(), isEnd, maxTokens, alternatives: leastProbability })
  consider(greedy)
  const branches = greedy.alternatives
    .map(({ at, token, logProbability }) => ({ tokens: [...greedy.tokens.slice(0, at), token], logProbabilities: [...greedy.logProbabilities.slice(0, at), logProbability] }))
    .sort((a, b) => sum(b.logProbabilities) - sum(a.logProbabilities))
  for (const start of branches.slice(0, mostBranches)) {
    // No answer is more probable than its beginning.
    if (sum(start.logProbabilities) > worth(best)) consider(await engine.generate(prompt, { constraint: constrain(), isEnd, maxTokens, start }))
  }
  return best
}

/** Can another answer be worth more? All others together have what this one leaves of the probability. */
export const isBeatable = (first: Weighed): boolean => Math.log1p(-Math.exp(total(first.generation))) > worth(first)

const worth = ({ generation, doubts }: Weighed) => total(generation) - doubts
const sum = (values: number[]) => values.reduce((total, each) => total + each, 0)
/** An answer that did not end is worth nothing. */
const total = ({ logProbabilities, ended }: Generation) => (ended ? sum(logProbabilities) : -Infinity)
