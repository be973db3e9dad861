/**
 * What accepted examples cost at Opus 4.5's list price, through the teacher itself, its ledger included; against the specification's $35 for 3,000.
 *
 *   node bench/dollars.ts [--schema schemas/gh.yaml] [--accepted 3000]
 *
 * A stand-in for the API answers (tests/standin): the same examples every time, written as the offline teacher writes them and laid out as a paid
 * one must, one in ten of which is wrong. Accepted is what validates and is no double; what is missing is asked for again, at its price. Tokens
 * are estimated as 3.5 characters each (English and JSON have 3 to 4: both are told), the prompt cache keeps what Opus 4.5 keeps, and in a batch
 * every second request finds nothing cached. The dollars of the ledger have to be those of the provider's log. No call leaves this machine.
 * Prints one JSON document: dollars of single calls and of batches, what was paid for, and growth at 1/16 and 1/4 of the examples.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'
import { corpusOf } from '../src/dataset/corpus.ts'
import { findDuplicates } from '../src/dataset/duplicates.ts'
import type { Row } from '../src/dataset/row.ts'
import { checkRows } from '../src/dataset/validate.ts'
import { anthropic } from '../src/teacher/anthropic/index.ts'
import { batchFactor, dollarsOf, type Usage } from '../src/teacher/prices.ts'
import { loadSchema } from '../src/tasks/index.ts'
import { billed } from '../tests/standin/bill.ts'
import { standIn } from '../tests/standin/server.ts'
import { exponentOf, grownTo, mustHold, round, say, tell } from './compare.ts'

const { values } = parseArgs({ options: { schema: { type: 'string', default: 'schemas/gh.yaml' }, accepted: { type: 'string', default: '3000' } } })
const wanted = Number(values.accepted)
const model = 'claude-opus-4-5'
const specification = { dollars: 35, examples: 3_000 }
/** One example in so many is wrong. */
const wrongEvery = 10
/** Opus 4.5 caches no prefix that is shorter, in tokens. */
const cacheMinimum = 4_096
const usual = 3.5

const task = loadSchema({ name: basename(values.schema, '.yaml'), file: values.schema, text: readFileSync(values.schema, 'utf8') })

interface Bought {
  accepted: number
  asked: number
  rejected: number
  calls: number
  dollars: number
  usage: Usage
}

/** Asks until so many are accepted. */
async function buy(count: number, batch: boolean, charactersPerToken: number): Promise<Bought> {
  const folder = mkdtempSync(join(tmpdir(), 'clitron-dollars-'))
  const server = await standIn({ knowledge: [task], cacheMinimum, batchMs: 0, batchMisses: 2, wrongEvery, charactersPerToken })
  process.env.CLITRON_STORE = folder
  try {
    const teacher = anthropic({ model, batch, baseUrl: server.url })
    const rows: Row[] = []
    let dollars = 0
    let asked = 0
    let accepted = 0
    let rejected = 0
    for (let seed = 1; accepted < count; seed++) {
      mustHold(seed < 20, `${asked} examples were asked for and ${accepted} of them accepted; the teacher repeats itself.`)
      const briefs = task.family.plan(task.schema, { count: Math.max(20, Math.ceil((count - accepted) / (1 - 1 / wrongEvery))), seed })
      const written = await teacher.write({ training: `bench-${seed}`, ...task, briefs, seed, signal: new AbortController().signal, onProgress: () => {} })
      asked += briefs.length
      dollars += written.dollars
      rows.push(...written.rows)
      const checked = await checkRows(task.family, task.schema, rows)
      rejected = checked.rejected.length
      accepted = (await findDuplicates({ ...task, corpus: await corpusOf(task.family, task.schema, checked.accepted) })).kept.length
    }
    const paid = server.paid()
    const provider = billed(paid) * (batch ? batchFactor : 1)
    mustHold(Math.abs(provider - dollars) < 1e-6, `the ledger says $${dollars}, the provider's log $${provider}.`)
    const usage = paid.reduce((sum, { usage: one }) => ({ input: sum.input + one!.input_tokens, output: sum.output + one!.output_tokens, cacheWrite: sum.cacheWrite + one!.cache_creation_input_tokens, cacheRead: sum.cacheRead + one!.cache_read_input_tokens }), { input: 0, output: 0, cacheWrite: 0, cacheRead: 0 })
    mustHold(Math.abs(dollarsOf(usage, model, batch) - dollars) < 1e-6, 'the list prices have changed on one side only.')
    return { accepted, asked, rejected, calls: paid.length, dollars, usage }
  } finally {
    await server.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Scaled to what the other is told of. */
const per = ({ dollars, accepted }: Bought, examples = specification.examples) => (dollars * examples) / accepted

const measured: Record<string, Record<string, Bought>> = {}
for (const [how, batch] of [['single_calls', false], ['batches', true]] as const) {
  measured[how] = {}
  for (const charactersPerToken of [4, usual, 3]) {
    measured[how][charactersPerToken] = await buy(wanted, batch, charactersPerToken)
    say(`${how}, ${charactersPerToken} characters a token: $${round(per(measured[how][charactersPerToken]))} for ${specification.examples} accepted examples`)
  }
}
const growth: { accepted: number; dollars: number }[] = []
for (const count of grownTo(wanted).slice(0, 2)) growth.push(await buy(count, true, usual))
growth.push(measured.batches![usual]!)

const told = Object.fromEntries(Object.entries(measured).map(([how, byTokens]) => {
  const { dollars: _, ...figures } = byTokens[usual]!
  return [how, {
    dollars_for_3000_accepted: round(per(byTokens[usual]!)), times_cheaper_than_the_specification: round(specification.dollars / per(byTokens[usual]!)),
    by_characters_per_token: Object.fromEntries(Object.entries(byTokens).map(([characters, bought]) => [characters, round(per(bought))])),
    ...figures,
  }]
}))
const cheapest = per(measured.batches![usual]!)
tell({
  what: `dollars for ${specification.examples} accepted examples, ${model} at its list price`, schema: values.schema, specification: specification.dollars, ...told,
  growth: { points: growth.map(({ accepted, dollars }) => ({ accepted, dollars: round(dollars) })), exponent: round(exponentOf(growth.map(({ accepted, dollars }) => ({ work: accepted, cost: dollars })))) },
}, `$${round(cheapest)} by batches and $${round(per(measured.single_calls![usual]!))} by single calls for ${specification.examples} accepted examples; the specification's sum is $${specification.dollars} (bar: $4)`)
