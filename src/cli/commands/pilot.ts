import { problemsOf } from '../../dataset/validate.ts'
import type { Row } from '../../dataset/row.ts'
import type { Brief, TaskFamily } from '../../tasks/family.ts'
import { money, visible } from '../../text.ts'
import { thinned } from '../../thinned.ts'
import { usualOptions } from '../../plan.ts'
import { readConfigs } from '../../setup/configs.ts'
import { planBriefs } from '../../teacher/briefs.ts'
import { teacherModel } from '../../teacher/defaults.ts'
import { offline } from '../../teacher/offline.ts'
import { estimate, examplesPerCall, type Usage } from '../../teacher/prices.ts'
import type { WriteRequest, Written } from '../../teacher/teacher.ts'
import { checkOptions } from '../check-options.ts'
import { bold, dim, green, note, percent, print, printExactly, printJson, red } from '../print.ts'
import { readSchema } from '../schema.ts'
import { withoutRun } from '../without-run.ts'

interface Options {
  teacher: 'offline' | 'anthropic'
  model?: string
  num?: number
  budget?: number
  batch?: boolean
  seed?: number
  json?: boolean
}

/** Twenty examples spread over the plan, how many of them can be trained on, and what the whole would cost. */
export async function pilot(name: string, { teacher, num, budget, batch = false, seed = usualOptions.seed, json, ...options }: Options): Promise<void> {
  checkOptions({ num })
  const { family, schema } = await readSchema(name)
  // What the train would refuse is told before a call is paid for it.
  await readConfigs('scratch')
  const paid = teacher === 'anthropic'
  const model = teacherModel(options.model)
  const whole = planBriefs(family, schema, { num, seed, teacher: paid ? 'anthropic' : 'offline', base: 'scratch' })
  const briefs = thinned(whole, examplesPerCall)

  const stop = new AbortController()
  const interrupt = () => stop.abort(new Error('Interrupted; what was answered is in the ledger and is not bought again.'))
  process.once('SIGINT', interrupt)
  let last = ''
  const request: WriteRequest = { training: name, family, schema, briefs, seed, budget, signal: stop.signal, onProgress: ({ message }) => {
    if (message && message !== last && !json) note(dim(message))
    last = message ?? last
  } }
  const written: Written & { usage?: Usage } = paid ? await write(request, model) : await offline.write(request)
  process.off('SIGINT', interrupt)

  const examples = written.rows.map((row, index) => describe(family, schema, row, briefs[index]!))
  const accepted = examples.filter((example) => example.accepted).length
  const measured = written.usage ? { outputPerExample: written.usage.output / Math.max(1, briefs.length) } : {}
  const price = (inBatches: boolean) => (paid ? estimate({ family, schema, briefs: whole, model, batch: inBatches, measured }) : undefined)
  const [single, batched] = [price(false), price(true)]

  if (json) {
    return printJson({
      name, teacher, ...(paid && { model }), accepted, of: examples.length, rate: accepted / Math.max(1, examples.length), dollars: written.dollars, ...(written.usage && { usage: written.usage }),
      whole: { examples: whole.length, calls: (batch ? batched : single)?.calls ?? 0, dollars: (batch ? batched : single)?.dollars ?? 0, ...(single && batched && { dollarsByMessages: single.dollars, dollarsByBatches: batched.dollars }) },
      examples,
    })
  }
  for (const { accepted, slice, instruction, context, answer, problem } of examples) {
    printExactly(`${accepted ? green('✔') : red('✘')} ${bold(visible(instruction.slice(0, 200)))}`)
    if (context) printExactly(dim(`    ${visible(context)}`))
    printExactly(`    ${visible(answer.slice(0, 200))}  ${dim(Object.values(slice).join(' · '))}`)
    if (problem) print(red(`    ${problem}`))
  }
  print(`\n${accepted} of ${examples.length} can be trained on (${percent(accepted / Math.max(1, examples.length))}).`)
  if (!single || !batched) return print(`The whole, ${whole.length} examples, costs nothing: the offline teacher writes them here.`)
  print(`This pilot cost ${money(written.dollars)}${written.dollars === 0 ? ' now: its answers were bought before' : ''} (${model}${single.assumedPrice ? ', whose price is not known here; that of Claude Opus 4.5 is assumed' : ''}).`)
  print(`The whole, ${whole.length} examples in ${single.calls} calls: about ${money(single.dollars)}, or ${money(batched.dollars)} with --batch: a handful of batches, mostly an hour each, at most a day.`)
}

async function write(request: WriteRequest, model: string): Promise<Written & { usage: Usage }> {
  const { anthropic } = await import('../../teacher/anthropic/index.ts')
  return withoutRun(() => anthropic({ model, batch: false, baseUrl: process.env.ANTHROPIC_BASE_URL || undefined }).write(request))
}

function describe(family: TaskFamily, schema: unknown, row: Row, brief: Brief) {
  const problem = problemsOf(family, schema, row)[0]
  const context = row.context && family.userText(schema, '', row.context).trim()
  if (problem) return { accepted: false, slice: brief.slice, instruction: row.instruction, context, answer: row.output, problem: `${problem.rule}: ${problem.message}` }
  const completion = family.completion(schema, row.output)
  return { accepted: true, slice: brief.slice, instruction: row.instruction, context, answer: family.commandLine?.(schema, completion)?.line ?? completion }
}
