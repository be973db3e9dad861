import { wilson, z999 } from '../evaluation/intervals.ts'
import { percent, range } from '../evaluation/format.ts'
import { GateError } from '../errors.ts'
import type { PackageManifest } from './manifest.ts'
import type { Performance, RowOutcome } from './performance.ts'

/** Where two answers are as good as each other, the rounding of a processor decides: of a hundred so many may be others. Quantization may cost as much. */
const mostOthers = 0.02

/**
 * Is the packed model the one that was evaluated, and does it go on answering?
 * @throws GateError saying what is not as it was
 */
export function requirePassed({ smoke_test: smoke, load_test: load, bad_questions: bad }: Pick<Performance, 'smoke_test' | 'load_test' | 'bad_questions'>, { evaluation }: Pick<PackageManifest, 'evaluation'>): void {
  const others = smoke.recorded - smoke.alike
  if (others > mostOthers * smoke.recorded) {
    const [first] = smoke.differing
    throw new GateError(`${others} of ${smoke.recorded} questions are answered otherwise than when this version was evaluated (at most ${Math.floor(mostOthers * smoke.recorded)} may be), e.g. ${JSON.stringify(first!.instruction.slice(0, 80))}: ${told(first!.then)} then, ${told(first!.now)} now.`)
  }
  const { n, right } = smoke.test
  // One smoke test in a thousand fails by chance.
  if (n > 0 && wilson(right, n, z999)[1] < evaluation.interval[0]) {
    throw new GateError(`${right} of ${n} rows of the test split are answered rightly; in the evaluation it was ${percent(evaluation.equivalent)} of ${evaluation.n} (95% interval ${range(evaluation.interval)}).`)
  }
  for (const { at_once, answers, other_answers } of load) {
    if (other_answers > mostOthers * answers) throw new GateError(`${other_answers} of ${answers} questions got another answer than before when ${at_once} were asked at a time.`)
  }
  const spoilt = bad.find(({ answers_on }) => !answers_on)
  if (spoilt) throw new GateError(`After a bad question (${spoilt.what}) a good one did not get its answer any more.`)
}

const told = ({ error, confidence }: RowOutcome) => `${error ?? 'right'} with confidence ${percent(confidence)}`
