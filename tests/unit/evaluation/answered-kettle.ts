import type { Row } from '../../../src/dataset/row.ts'
import { judge, type Judged } from '../../../src/evaluation/judge.ts'
import { panelOf, type PanelOptions } from '../../../src/evaluation/paid-judge.ts'
import { assistant as family } from '../../../src/tasks/assistant/index.ts'
import { kettle } from '../tasks/assistant/fixtures.ts'

export const quotes = (...ids: string[]) => JSON.stringify({ quotes: ids })
export const off = quotes('use/boil-lock/off')
export const wrong = quotes('use/lid-lock/off')

/** What a model would have answered, scored as an evaluation does. */
export const answered = (row: Omit<Row, 'context'> & Partial<Row>, completion: string, schema = kettle): Promise<Judged> =>
  judge({ context: null, ...row }, { predictor: { predict: async () => ({ completion, probability: 0.9, logProbability: 0, tokens: 5, endedByEos: true, latencyMs: 7 }) }, family, schema })

/** So many questions about the boil lock, of which those that `isRight` says are answered rightly. */
export const about = (count: number, isRight: (n: number) => boolean = () => true, more: Partial<Row> = {}) =>
  Promise.all(Array.from({ length: count }, (_, n) => answered({ id: `row-${n}`, instruction: `turn the boil lock off, please, for the ${n}. time`, output: off, slice: { case: 'positive', topic: 'planted-slice' }, ...more }, isRight(n) ? off : wrong)))

export const endpoint = (baseUrl = 'http://127.0.0.1:9') => ({ model: 'claude-opus-4-5', batch: false, baseUrl })
export const panel = (judged: readonly Judged[], options: Partial<PanelOptions> = {}) => panelOf(judged, { family, schema: kettle, count: 100, seed: 1, endpoint: endpoint(), ...options })
