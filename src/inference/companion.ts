import type { Token } from 'node-llama-cpp'
import { labelText } from '../tasks/companion.ts'
import type { Companion } from '../tasks/family.ts'
import { Engine, type EngineOptions } from './engine.ts'
import { endTokens, PromptTokenizer } from './prompt-tokenizer.ts'
import { sum } from './second-look.ts'
import type { PromptTemplate } from './template.ts'

/** A trained companion, and how much its word counts. */
export interface CompanionFile {
  gguf: string
  template: PromptTemplate
  /** So many of the nats that it holds against an answer count; 0: it is not asked. */
  weight: number
}

/** What a companion takes a question for. */
export interface Opinion {
  /** The likeliest label with its probability, 0 to 1, among the labels. */
  label: string
  probability: number
  /** By how many nats the label of this answer is less likely than the likeliest; 0 for an answer that it says nothing of. */
  against(completion: string): number
}

export interface LoadedCompanion {
  opinion(text: string): Promise<Opinion>
  close(): Promise<void>
}

/**
 * Loads a companion's GGUF. It is not decoded: all its answers are known, and their probabilities tell what it takes a text for.
 * @throws InputError when the GGUF or its template cannot be used
 */
export async function loadCompanion(companion: Companion, { gguf, template, ...options }: Pick<CompanionFile, 'gguf' | 'template'> & Pick<EngineOptions, 'threads'>): Promise<LoadedCompanion> {
  const engine = await Engine.load({ ...options, gguf })
  try {
    const prompts = new PromptTokenizer(engine, template)
    await engine.keepPrefix(prompts.kept)
    const { end } = endTokens(engine, template)
    const answers = companion.labels.map((label) => ({ label, tokens: engine.answerTokens(labelText(companion, label)) }))
    return {
      opinion: async (text) => opinionFrom(companion, await logProbabilities(engine, prompts.tokenize(text), answers, end)),
      close: () => engine.close(),
    }
  } catch (error) {
    await engine.close()
    throw error
  }
}

/** One pass where each answer is one token, as of a model from scratch; else one for each answer. */
async function logProbabilities(engine: Engine, prompt: Token[], answers: readonly { label: string; tokens: Token[] }[], end: Token): Promise<Map<string, number>> {
  const found = new Map<string, number>()
  if (answers.every(({ tokens }) => tokens.length === 1)) {
    const next = await engine.distribution(prompt)
    for (const { label, tokens: [token] } of answers) found.set(label, next[token!]!)
  } else {
    for (const { label, tokens } of answers) found.set(label, sum((await engine.teacherForced(prompt, [...tokens, end])).logProbabilities))
  }
  return found
}

/** @param found the log-probability of each label's answer, in nats */
export function opinionFrom(companion: Companion, found: ReadonlyMap<string, number>): Opinion {
  const [label, most] = [...found].reduce((best, each) => (each[1] > best[1] ? each : best))
  return {
    label,
    probability: 1 / sum([...found.values()].map((each) => Math.exp(each - most))),
    against: (completion) => {
      const own = companion.labelOf(completion)
      return own === null ? 0 : most - (found.get(own) ?? most)
    },
  }
}
