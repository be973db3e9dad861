import type { Token } from 'node-llama-cpp'
import type { Alternative, Engine, Generation } from './engine.ts'
import type { Constraint } from './llama.ts'

/** So many other ways are tried at most, the most probable first. */
const mostBranches = 4
/** A less probable token is not worth an answer of its own. */
export const leastProbability = 0.01

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
  // Greedy decoding goes the same way again, as far as the grammar of this look goes along.
  let greedy = first.generation
  const others: Alternative[] = []
  const path = constrain()
  let shared = 0
  const { tokens, logProbabilities, alternatives } = greedy
  const noted = () => alternatives?.filter(({ at, token }) => at === shared && path.allows(token)) ?? []
  while (alternatives && shared < tokens.length && path.allows(tokens[shared]!)) {
    others.push(...noted())
    path.accept(tokens[shared++]!)
  }
  if (greedy.ended && alternatives && shared === tokens.length) others.push(...noted())
  else {
    greedy = await engine.generate(prompt, { constraint: constrain(), isEnd, maxTokens, alternatives: leastProbability, start: { tokens: tokens.slice(0, shared), logProbabilities: logProbabilities.slice(0, shared) } })
    others.push(...greedy.alternatives!)
    consider(greedy)
  }
  const branches = others
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
export const sum = (values: readonly number[]) => values.reduce((total, each) => total + each, 0)
/** An answer that did not end is worth nothing. */
const total = ({ logProbabilities, ended }: Generation) => (ended ? sum(logProbabilities) : -Infinity)
