import { nearestNeighbour } from '../dataset/nearest.ts'
import type { Hooks } from '../dataset/hooks.ts'
import type { Row } from '../dataset/row.ts'
import { leakThreshold } from '../dataset/split.ts'
import { askEach } from '../inference/ask-each.ts'
import { openChatModel } from '../inference/chat-template.ts'
import { loadPredictor, type Predictor } from '../inference/predictor.ts'
import type { TaskFamily } from '../tasks/family.ts'
import { thinned } from '../thinned.ts'
import { pairedRates, quantile, wilson, type Interval, type PairedRates } from './intervals.ts'
import { judge, type Judged } from './judge.ts'
import { tokensOf, type TokenCounts } from './tokens.ts'
import { untrainedPrompt, type UntrainedPrompt } from './untrained-prompt.ts'

/** Tokens of prompt and answer: a prompt that tells what a training would have taught is long. */
const contextSize = 8_192
/** Share of them for the prompt's fixed part. */
const promptShare = 0.6
/** Rows of one file: 300 tell differences of five points, and a large model takes a second for each. */
const mostRows = 300

/** One model on one set of rows. */
export interface Side {
  /** Equivalent, 0 to 1. */
  equivalent: number
  interval: Interval
  /** Medians, a question. */
  tokens: TokenCounts
  latency_ms: { p50: number; p95: number }
}

export interface AgainstUntrained {
  n: number
  /** Rows of the file that can be scored; more than `n` where not all were asked. */
  rows: number
  untrained: Side
  /** null where nothing is trained yet. */
  trained: Side | null
  /** Trained − untrained. */
  gain: (PairedRates & { tokens_saved: number; latency_ms_saved: number }) | null
  /** Rows that stand in the training data, word for word or nearly so. */
  near_training: number
}

interface Task {
  family: TaskFamily
  schema: unknown
  /** The training split. */
  train: readonly Row[]
}

/**
 * A chat model as it was downloaded, asked through its own chat template with a prompt made from the schema; its answers are decoded with the family's grammar.
 * @throws InputError when the file is no GGUF of a chat model
 */
export async function loadUntrained(gguf: string, { family, schema, train }: Task): Promise<{ predictor: Predictor; prompt: Omit<UntrainedPrompt, 'text'> & { tokens: number } }> {
  const chat = await openChatModel(gguf)
  try {
    const size = Math.min(contextSize, chat.contextSize)
    const { text, ...prompt } = untrainedPrompt({ family, schema, train, room: Math.floor(promptShare * size), count: chat.count })
    const template = chat.template(text)
    const answersLike = thinned(train, 1_000).map((row) => family.completion(schema, row.output))
    return { predictor: await loadPredictor({ gguf, template, family, schema, contextSize: size, answersLike }), prompt: { ...prompt, tokens: chat.count(text) } }
  } finally {
    await chat.close()
  }
}

/** Both models on the same rows, asked one after the other, so that latencies are those of one user. */
export async function againstUntrained({ untrained, trained, rows, ...task }: Task & { untrained: Predictor; trained?: Predictor | undefined; rows: readonly Row[] }, hooks: Hooks = {}): Promise<AgainstUntrained> {
  const asked = thinned(rows, mostRows)
  const baseline = task.train.length > 0 ? nearestNeighbour(task.train, (row) => task.family.fingerprint(task.schema, row)) : undefined
  const answers = (predictor: Predictor, message: string) => askEach(asked, { atOnce: 1 }, message, hooks, (row) => judge(row, { ...task, predictor, baseline }))
  const before = await answers(untrained, 'asking the untrained model')
  const after = trained && (await answers(trained, 'asking the trained model'))
  const [first, second] = [sideOf(before), after ? sideOf(after) : null]
  return {
    n: asked.length, rows: rows.length,
    untrained: first, trained: second,
    gain: after && second ? { ...pairedRates(after.map(({ score }, index) => [score.equivalent, before[index]!.score.equivalent])), tokens_saved: total(first) - total(second), latency_ms_saved: first.latency_ms.p50 - second.latency_ms.p50 } : null,
    near_training: before.filter(({ nearest }) => nearest !== undefined && nearest.similarity >= leakThreshold).length,
  }
}

const total = ({ tokens: { prompt, answer } }: Side) => prompt + answer

function sideOf(rows: readonly Judged[]): Side {
  const right = rows.filter(({ score }) => score.equivalent).length
  const latencies = rows.flatMap(({ latencyMs }) => latencyMs ?? [])
  return { equivalent: right / Math.max(1, rows.length), interval: wilson(right, rows.length), tokens: tokensOf(rows), latency_ms: { p50: quantile(latencies, 0.5), p95: quantile(latencies, 0.95) } }
}
