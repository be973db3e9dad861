import type { Section } from '../evaluation/evaluate.ts'
import { size } from '../evaluation/format.ts'
import { z999 } from '../evaluation/intervals.ts'
import type { Report } from '../evaluation/report.ts'
import type { Action } from '../inference/thresholds.ts'
import type { Performance } from './performance.ts'

/** Answers that are looked at together. Where nothing has changed, one window in a thousand is out of bounds. */
const window = 500

interface Signal {
  signal: string
  /** Where its values come from. */
  from: string
  measured: unknown
  alert: { above?: number; below?: number }
  because: string
  then: string
}

interface Watched {
  name: string
  version: number
  report: Report
  performance: Performance
}

/** The content of monitoring_setup.json: what to watch of this very model, and from where on something has changed. */
export function monitoringSetup({ name, version, report, performance }: Watched) {
  const [set, section] = report.scores.golden ? (['golden set', report.scores.golden] as const) : (['test split', report.scores.test] as const)
  return {
    name, version, model_sha256: performance.model.sha256, created: performance.created, host: performance.host,
    take_down: 'of each answer: confidence, action, latency_ms, and whether its output is null or the question was refused; of the process: resident memory',
    window,
    baseline: `confidence and actions: the ${section.n} answers to the ${set} in this version's evaluation; the rest: performance.json, measured on the host above. Where people ask otherwise than these questions do, measure anew on the first ${window} of theirs, and put those figures in place of these.`,
    false_alarms: 'of confidence and actions one window in 1,000, where nothing has changed',
    signals: [confidence(section), ...actions(section), unanswered(performance), latency(performance), load(performance), memory(performance)],
  }
}

function confidence({ n, reliability }: Section): Signal {
  const mean = reliability.reduce((sum, bin) => sum + bin.count * bin.confidence, 0) / n
  const deviation = Math.sqrt(reliability.reduce((sum, bin) => sum + bin.count * (bin.confidence - mean) ** 2, 0) / n)
  const spread = z999 * deviation * Math.sqrt(1 / n + 1 / window)
  return {
    signal: 'mean confidence', from: 'confidence of an answer',
    measured: { answers: n, mean, standard_deviation: deviation, distribution: reliability.map(({ from, to, count }) => ({ from, to, share: count / n })) },
    alert: bounds(mean, spread), because: `${deviation.toPrecision(2)} is the standard deviation; of two means over ${n} and ${window} answers of one distribution, 999 of 1,000 differ by less than ${spread.toPrecision(2)}`,
    then: 'look at what is asked: other subjects, another language or other context lower it; a new schema or client that sends no context too',
  }
}

function actions({ n, thresholds }: Section): Signal[] {
  return (Object.entries(thresholds) as [Action, { right: number; wrong: number }][]).map(([action, { right, wrong }]) => {
    const { share, spread } = shareOf(right + wrong, n)
    return {
      signal: `share of ${action}`, from: 'action of an answer', measured: { answers: n, share: (right + wrong) / n, right, wrong }, alert: bounds(share, spread),
      because: `of two shares over ${n} and ${window} answers that are ${(100 * share).toFixed(1)}% alike, 999 of 1,000 pairs differ by less than ${(100 * spread).toFixed(1)} points`,
      then: action === 'execute' ? 'more: look at a sample of what was executed; less: see the mean confidence' : 'see the mean confidence',
    }
  })
}

function unanswered({ smoke_test: { unanswered: none, recorded, test } }: Performance): Signal {
  const n = recorded + test.n
  const { share, spread } = shareOf(none, n)
  return {
    signal: 'share without an answer', from: 'output is null, or the question was refused', measured: { answers: n, share: none / n }, alert: { above: bounds(share, spread).above! },
    because: `as for the actions; ${none} of the ${n} questions of the smoke test had none`, then: 'look at the questions: too long ones and empty ones are refused',
  }
}

function latency({ load_test: [alone] }: Performance): Signal {
  const { answers, latency_ms: { p50, p95, p99 } } = alone!
  return {
    signal: 'latency, 95th percentile of a window, in ms', from: 'latency_ms of an answer', measured: { answers, p50, p95, p99 }, alert: { above: p99 },
    because: answers >= 100
      ? `1 answer in 100 took longer than ${p99.toPrecision(3)} ms when questions came one after the other; where nothing has changed, 1 in 20 of a window do less than once in a million windows`
      : `the longest of only ${answers} answers, one after the other: measure for longer (--seconds) before you rely on it`,
    then: 'look at the load first, then at the length of questions and contexts, then at what else runs on the host',
  }
}

function load({ load_test: levels }: Performance): Signal {
  const most = Math.max(...levels.map(({ answers_per_second }) => answers_per_second))
  return {
    signal: 'questions a second', from: 'count of questions', measured: { answers_per_second: most, at_once: levels.map(({ at_once }) => at_once) }, alert: { above: most },
    because: 'one process answers so many; what comes above it waits, longer and longer', then: 'start another process, each with a core and the memory below',
  }
}

function memory({ memory: { loaded, peak } }: Performance): Signal {
  return {
    signal: 'resident memory, in bytes', from: 'process.memoryUsage.rss()', measured: { loaded, peak }, alert: { above: 2 * peak - loaded },
    because: `answering took up to ${size(peak - loaded)} on top of the loaded model; as much again has never been seen`, then: 'restart the process; keep what it was asked',
  }
}

/** So many of `n` answers, and how far a window's share may be from theirs. Laplace's rule: what was never seen is not impossible. */
function shareOf(count: number, n: number): { share: number; spread: number } {
  const share = (count + 1) / (n + 2)
  return { share, spread: z999 * Math.sqrt(share * (1 - share) * (1 / n + 1 / window)) }
}

/** A bound that nothing can pass is left out; answers that are all alike tell none. */
function bounds(value: number, spread: number): Signal['alert'] {
  if (spread === 0) return {}
  return { ...(value - spread > 0 && { below: value - spread }), ...(value + spread < 1 && { above: value + spread }) }
}
