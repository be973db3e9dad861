/** Has answers about a kettle judged by the endpoint given; `paid-judge.test.ts` kills it on the way. */
import { judgePanel } from '../../../src/evaluation/paid-judge.ts'
import { about, endpoint, panel } from './answered-kettle.ts'

await judgePanel(panel(await about(25), { count: 10, endpoint: endpoint(process.argv[2]) }), { training: 'kettle (judge)', budget: undefined, signal: new AbortController().signal, say: () => {} })
