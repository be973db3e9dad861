// The long form of the chaos suite:
//   npm run chaos -- --minutes 60 --seed 7            kills, freezes, damages and cancels at random over many small trains
//   npm run chaos -- --minutes 10 --trainer-kill-every 60   effective training time
//   npm run chaos -- --minutes 120 --soak             one worker's memory over many trains, with a kill of trainer or server now and then
// --json prints one document. Ends with 1 when anything was lost, when a promised figure was missed, or when nothing was tested.
import { parseArgs } from 'node:util'
import { effectiveTime, judgeEffective } from './effective.ts'
import { monkey } from './monkey.ts'
import { judge, soak } from './soak.ts'
import { summarize, type Summary } from './summary.ts'

const { values } = parseArgs({ options: { minutes: { type: 'string', default: '60' }, seed: { type: 'string' }, runs: { type: 'string' }, 'trainer-kill-every': { type: 'string' }, soak: { type: 'boolean', default: false }, json: { type: 'boolean', default: false } } })
const minutes = Number(values.minutes)
const seed = values.seed === undefined ? Date.now() % 1_000_000 : Number(values.seed)
const say = (line: string) => process.stderr.write(`${line}\n`)

if (values['trainer-kill-every']) {
  const every = Number(values['trainer-kill-every'])
  const effective = await effectiveTime({ minutes, every, say })
  const { useful, wall, share, kills } = effective
  const missed = judgeEffective(effective, every)
  if (values.json) console.log(JSON.stringify({ ...effective, missed }))
  else console.log([`effective training time ${share.toFixed(2)} (${useful.toFixed(0)} of ${wall.toFixed(0)} s), ${kills} kills`, ...missed.map((why) => `not passed: ${why}`)].join('\n'))
  process.exitCode = missed.length ? 1 : 0
} else if (values.soak) {
  say(`seed ${seed}`)
  const soaked = await soak({ seed, minutes, say })
  const { change, missed } = judge(soaked)
  if (values.json) console.log(JSON.stringify({ seed, ...soaked, change, missed }))
  else console.log([`${soaked.trains} trains, ${soaked.kills} kills; the worker's memory changed by ${change === undefined ? '?' : (100 * change).toFixed(1)}%`, ...missed.map((why) => `not passed: ${why}`)].join('\n'))
  process.exitCode = missed.length ? 1 : 0
} else {
  say(`seed ${seed}`)
  const outcome = await monkey({ seed, minutes, ...(values.runs && { runs: Number(values.runs) }), say })
  const summary = summarize(outcome)
  if (values.json) console.log(JSON.stringify({ ...summary, runs: outcome.runs }))
  else show(summary)
  if (summary.good < summary.of) say(`Lost with seed ${seed}. Once its cause is mended, add seed and run to tests/chaos/failed_seeds.yaml.`)
  process.exitCode = summary.passed ? 0 : 1
}

function show({ seed, skipped, faults, kills, recovery, orphans, callsTwice, callsAgain, good, of, calm, workerMegabytes, missed }: Summary): void {
  const line = (...cells: (string | number)[]) => console.log(cells.map((cell, index) => (index ? String(cell).padStart(11) : String(cell).padEnd(24))).join(''))
  const figure = (value: number | undefined) => (value === undefined ? '–' : value.toFixed(1))
  line(`seed ${seed}`, 'made', 'survived')
  for (const [kind, { made, survived }] of Object.entries(faults)) line(kind, made, survived)
  line('kills of these', kills.made, kills.survived)
  console.log('')
  line('recovery, seconds', 'times', 'p50', 'p95', 'p95 (kill)')
  for (const [of, { times, p50, p95, sinceFaultP95 }] of Object.entries(recovery)) line(of, times, figure(p50), figure(p95), figure(sinceFaultP95))
  console.log('')
  console.log(`${good} of ${of} runs came out as undisturbed; recorded calls bought again: ${callsAgain}; calls bought twice: ${callsTwice}`)
  console.log(`after a kill of the worker its children were gone within ${orphans.most.toFixed(1)} s (${orphans.times} times)`)
  console.log(`${calm.steps} undisturbed steps at the end; their one worker: ${calm.workerMegabytes.map((megabytes) => megabytes.toFixed(0)).join(', ')} MB`)
  console.log(`workers of the runs: ${workerMegabytes.first} MB in the first, ${workerMegabytes.last} MB in the last, ${workerMegabytes.most} MB at most`)
  for (const why of skipped) console.log(`skipped: ${why}`)
  for (const why of missed) console.log(`not passed: ${why}`)
}
