import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import type { Token } from 'node-llama-cpp'
import { z } from 'zod'
import type { Hooks } from '../dataset/hooks.ts'
import { GateError, InputError } from '../errors.ts'
import { askEach } from './ask-each.ts'
import type { Engine } from './engine.ts'
import { unlessRefused, type Predictor } from './predictor.ts'

/** One row that the trainer wrote: how its own model reads and scores it, in fp32. */
export const ParityRow = z.looseObject({
  /** The user's turn. */
  text: z.string(),
  completion: z.string(),
  prompt_ids: z.array(z.number()),
  /** EOS included. */
  completion_ids: z.array(z.number()),
  /** Log-probability of each completion token. */
  logprobs: z.array(z.number()),
  /** Logit of the best token minus the second best, per position. */
  margins: z.array(z.number()),
  /** The best token per position. */
  greedy_ids: z.array(z.number()),
})
export type ParityRow = z.infer<typeof ParityRow>

/** Largest difference of one log-probability between fp32 in PyTorch and F16 in llama.cpp; correct conversions measured below 0.01. */
export const logProbabilityBound = 0.15
/** From here on the best token's lead is clear: rounding to 16 bits moves a logit by far less. */
export const clearMargin = 0.5

export interface ParityReport {
  rows: number
  tokens: number
  /** Rows whose prompt or completion the GGUF tokenizes otherwise. */
  tokenMismatches: number
  maxLogProbabilityDifference: number
  meanLogProbabilityDifference: number
  clearPositions: number
  /** Clear positions where the GGUF's best token is another. */
  greedyMismatches: number
  passed: boolean
  /** What failed first, with the row, for people. */
  failures: string[]
}

/**
 * Compares the trainer's model with its F16 GGUF: the same tokens, nearly the same log-probabilities of the same completions
 * (teacher-forced, since free decoding may part at a near-tie), the same choice wherever it is clear.
 * @param file JSONL of ParityRow
 * @throws GateError when they differ, InputError when the file cannot be read
 */
export async function checkParity(file: string, predictor: Predictor, { bound = logProbabilityBound, margin = clearMargin } = {}): Promise<ParityReport> {
  const report: ParityReport = { rows: 0, tokens: 0, tokenMismatches: 0, maxLogProbabilityDifference: 0, meanLogProbabilityDifference: 0, clearPositions: 0, greedyMismatches: 0, passed: false, failures: [] }
  const fail = (message: string) => {
    if (report.failures.length < 10) report.failures.push(message)
  }
  let difference = 0
  let line = 0
  for await (const text of createInterface({ input: createReadStream(file) })) {
    line++
    if (text.trim() === '') continue
    const row = parseRow(text, file, line)
    report.rows++
    const prompt = predictor.promptTokens(row.text)
    const at = `row ${line} (${JSON.stringify(row.text.slice(0, 60))})`
    const completion = predictor.engine.answerTokens(row.completion)
    const ofTrainer = [row.prompt_ids, row.completion_ids.slice(0, -1)] as const
    const differing = [prompt, completion].findIndex((tokens, i) => !same(tokens, ofTrainer[i]!))
    if (differing !== -1) {
      report.tokenMismatches++
      const [trainer, gguf] = [ofTrainer[differing]!, [prompt, completion][differing]!]
      fail(`${at}: token ids of the ${differing ? 'completion' : 'prompt'} differ, trainer [${window(trainer, gguf)}], GGUF [${window(gguf, trainer)}]`)
      continue
    }
    const scored = await predictor.engine.teacherForced(prompt, row.completion_ids as Token[])
    scored.logProbabilities.forEach((logProbability, i) => {
      const gap = Math.abs(logProbability - row.logprobs[i]!)
      report.tokens++
      difference += gap
      report.maxLogProbabilityDifference = Math.max(report.maxLogProbabilityDifference, gap)
      // Written so that NaN fails.
      if (!(gap <= bound)) fail(`${at}: log-probability of token ${i} is ${logProbability.toFixed(3)}, in the trainer ${row.logprobs[i]!.toFixed(3)}`)
      if (row.margins[i]! < margin) return
      report.clearPositions++
      if (scored.greedy[i] === row.greedy_ids[i]) return
      report.greedyMismatches++
      fail(`${at}: at token ${i} the trainer clearly chooses ${row.greedy_ids[i]}, the GGUF ${scored.greedy[i]}`)
    })
  }
  if (report.rows === 0) throw new InputError(`${file} has no rows to compare; quantize the model again.`)
  report.meanLogProbabilityDifference = difference / Math.max(1, report.tokens)
  report.passed = report.failures.length === 0
  if (!report.passed) throw new GateError(`The GGUF is not the model that was trained: ${report.failures[0]}${report.failures.length > 1 ? ` (and ${report.failures.length - 1} more)` : ''}. Nothing was promoted; this is a fault of the conversion, please report it.`)
  return report
}

export interface AgreementReport {
  rows: number
  /** Share of rows where both give an equivalent answer, 0 to 1. */
  full: number
  quantized: number
  /** quantized − full, in points. */
  points: number
  /** Rows only one of them answers well: what an exact McNemar test needs. */
  onlyFull: number
  onlyQuantized: number
  /** Mean Kullback-Leibler divergence in nats of the next-token distributions along the full model's answers. */
  meanKl: number
  passed: boolean
}

export interface AgreementRow {
  /** The user's turn. */
  text: string
  /** Is this completion equivalent to the row's answer? (the family's score) */
  equivalent(completion: string): boolean
}

/**
 * What quantization cost: both models answer the same rows under the same grammar.
 * @param rows at least 1,200, so that 2 points can be told apart
 * @param klRows on how many of them the distributions are compared (each costs a pass per token)
 */
export async function agreement(full: Predictor, quantized: Predictor, rows: AgreementRow[], { points = 2, klRows = 50 }: { points?: number; klRows?: number } = {}, hooks: Hooks = {}): Promise<AgreementReport> {
  if (rows.length === 0) throw new InputError('There are no rows to compare the quantized model on.')
  let both = 0, onlyFull = 0, onlyQuantized = 0, kl = 0, positions = 0
  await askEach(rows, quantized, 'comparing the quantized file with F16', hooks, async (row, index) => {
    const [a, b] = await Promise.all([full, quantized].map((predictor) => unlessRefused(predictor.predictText(row.text))))
    const [rightA, rightB] = [a, b].map((answer) => answer !== undefined && row.equivalent(answer.completion))
    both += Number(rightA && rightB)
    onlyFull += Number(rightA && !rightB)
    onlyQuantized += Number(rightB && !rightA)
    if (a && index < klRows) {
      const divergences = await klDivergences(full.engine, quantized.engine, full.promptTokens(row.text), full.engine.answerTokens(a.completion))
      kl += divergences.reduce((sum, value) => sum + value, 0)
      positions += divergences.length
    }
  })
  const share = (count: number) => count / rows.length
  const report = { rows: rows.length, full: share(both + onlyFull), quantized: share(both + onlyQuantized), onlyFull, onlyQuantized, meanKl: kl / Math.max(1, positions) }
  const lost = (report.quantized - report.full) * 100
  return { ...report, points: lost, passed: lost >= -points }
}

/** Tokens compared one by one; the rest of a vocabulary counts as one outcome, which hides next to nothing of the divergence. */
const comparedTokens = 128

/** KL(full ‖ quantized) at each position of `completion` and at its end. */
async function klDivergences(full: Engine, quantized: Engine, prompt: Token[], completion: Token[]): Promise<number[]> {
  const ofFull = await full.distributions(prompt, completion, comparedTokens)
  const ofQuantized = await quantized.distributions(prompt, completion, ofFull.map((place) => [...place.keys()]))
  return ofFull.map((place, i) => {
    let divergence = 0, restP = 1, restQ = 1
    for (const [token, logP] of place) {
      const logQ = ofQuantized[i]!.get(token)!
      divergence += Math.exp(logP) * (logP - logQ)
      restP -= Math.exp(logP)
      restQ -= Math.exp(logQ)
    }
    return restP > 0 && restQ > 0 ? divergence + restP * Math.log(restP / restQ) : divergence
  })
}

function parseRow(text: string, file: string, line: number): ParityRow {
  try {
    const row = ParityRow.parse(JSON.parse(text))
    if (row.logprobs.length !== row.completion_ids.length || row.margins.length !== row.completion_ids.length || row.greedy_ids.length !== row.completion_ids.length) throw new Error('lists of different length')
    return row
  } catch (error) {
    throw new InputError(`${file}, line ${line}: expected {text, completion, prompt_ids, completion_ids, logprobs, greedy_ids, margins}; ${error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message}.`)
  }
}

const same = (a: readonly number[], b: readonly number[]) => a.length === b.length && a.every((token, i) => token === b[i])

/** A few ids of `a` around the first that `b` lacks. */
function window(a: readonly number[], b: readonly number[]): string {
  const first = a.findIndex((token, i) => token !== b[i])
  const at = first === -1 ? a.length : first
  return `${at > 2 ? '… ' : ''}${a.slice(Math.max(0, at - 2), at + 4).join(' ')}${at + 4 < a.length ? ' …' : ''}`
}
