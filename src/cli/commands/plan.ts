import { readFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { dataDir } from '../../paths.ts'
import { roundsOf, usualOptions } from '../../plan.ts'
import { estimate as estimateHost, isSizeKnown, locateBase } from '../../setup/bases.ts'
import { readConfigs } from '../../setup/configs.ts'
import { inspectHost } from '../../setup/host.ts'
import { addedShare, planBriefs } from '../../teacher/briefs.ts'
import { teacherModel } from '../../teacher/defaults.ts'
import { estimate } from '../../teacher/prices.ts'
import type { Brief } from '../../tasks/family.ts'
import { money } from '../../text.ts'
import { checkOptions } from '../check-options.ts'
import { bold, dim, duration, print, printJson, size, table, yellow } from '../print.ts'
import { readSchema } from '../schema.ts'

interface Options {
  num?: number
  base?: string
  teacher?: 'offline' | 'anthropic' | 'import'
  model?: string
  batch?: boolean
  seed?: number
  rounds?: number
  json?: boolean
}

/** A call of 20 examples takes about so long, and so many are in flight: about 3,000 tokens at 80 tokens a second. */
const secondsPerCall = 40
const callsAtOnce = 8

/** Rows, calls, dollars, minutes and gigabytes of a train, before anything is spent. */
export async function showPlan(name: string, { json, ...given }: Options): Promise<void> {
  const { num, teacher = 'offline', batch = false, rounds: told, ...options } = checkOptions(given)
  const { family, schema } = await readSchema(name)
  const { rounds = 0, whileGatesFail = false } = roundsOf({ ...given, teacher }, family.gates?.(schema))
  const model = teacherModel(options.model)
  const base = options.base ?? usualOptions.base
  const briefs = planBriefs(family, schema, { num, seed: options.seed ?? usualOptions.seed, teacher, base })
  const rows = teacher === 'import' ? await importedRows(name) : briefs.length
  const variants = (teacher === 'import' && family.augmentation?.(schema)?.variants) || 0
  const slices = Object.fromEntries(family.slices.map((slice) => [slice, counts(briefs, slice)]))
  const price = teacher === 'anthropic' ? estimate({ family, schema, briefs, model, batch }) : undefined

  const known = locateBase(base)
  const host = await inspectHost()
  const needs = estimateHost(known, host, { examples: rows * (1 + variants), pairs: usualOptions.pairs, config: (await readConfigs(base)).sft })
  const writing = !price ? 0 : batch ? undefined : Math.ceil(price.calls / callsAtOnce) * secondsPerCall
  const seconds = needs.seconds + (writing ?? 0)
  // Each round writes its share more and trains anew on all of it.
  const most = { seconds: seconds + rounds * (needs.seconds + addedShare * (writing ?? 0)), dollars: (price?.dollars ?? 0) * (1 + rounds * addedShare) }
  const atMost = (figure: string) => (rounds ? ` (with ${rounds === 1 ? 'a round' : `all ${rounds} rounds`}${whileGatesFail ? ', made only while a gate is missed,' : ''} at most ${figure})` : '')

  if (json) {
    return printJson({
      name, rows, ...(variants && { variants }), slices, teacher, ...(price && { model, batch, calls: price.calls, inputTokens: price.inputTokens, outputTokens: price.outputTokens, promptCached: price.cached, priceAssumed: price.assumedPrice }),
      dollars: price?.dollars ?? 0, base: known.id, seconds, ...(rounds && { rounds, ...(whileGatesFail && { whileGatesFail }), mostSeconds: most.seconds, mostDollars: most.dollars }), memoryBytes: needs.memory, diskBytes: needs.disk, ...(needs.obstacle && { obstacle: needs.obstacle }),
    })
  }
  print(bold(`${rows} examples of ${name}, ${{ offline: 'by the offline teacher', anthropic: `by ${model}`, import: 'imported' }[teacher]}${variants ? `, and at most ${variants} variants of each that is trained on` : ''}`))
  for (const [slice, byName] of Object.entries(slices)) {
    const entries = Object.entries(byName).sort((a, b) => b[1] - a[1])
    if (entries.length) print(`  ${slice.padEnd(10)} ${entries.slice(0, 8).map(([value, count]) => `${value} ${count}`).join(', ')}${entries.length > 8 ? dim(` … ${entries.length} in all, the fewest ${entries.at(-1)![1]}`) : ''}`)
  }
  print()
  print(table([
    ['calls', price ? `${price.calls}${batch ? ' in Message Batches' : ''}, about ${Math.round(price.inputTokens / 1000)}k tokens in and ${Math.round(price.outputTokens / 1000)}k out` : 'none'],
    ['dollars', price ? `about ${money(price.dollars)}${price.assumedPrice ? yellow(` (the price of ${model} is not known here; that of Claude Opus 4.5 is assumed)`) : ''}${atMost(money(most.dollars))}` : '$0'],
    ['time', `about ${duration(seconds)}${atMost(duration(most.seconds))} on this host (${host.gpu ? host.gpu.name : `${availableParallelism()} cores`})${writing === undefined ? ', and the batches: a handful, mostly an hour each, at most a day' : ''}`],
    ['memory', `about ${size(needs.memory)}`],
    ['disk', `about ${size(needs.disk)}`],
  ]))
  if (price && !price.cached) print(dim(`\nThe schema is too short for ${model}'s prompt cache (${price.systemTokens} tokens).`))
  if (!isSizeKnown(known)) print(yellow(`\nThe size of ${base} is not known here: time, memory and disk are for its smallest part only.`))
  if (needs.obstacle) print(yellow(`\n${base} ${needs.obstacle}.`))
  print(`\nGo: ${bold(`clitron train ${name}${teacher === 'offline' ? '' : ` --teacher ${teacher}`}${price ? ` --budget ${Math.max(1, Math.ceil(most.dollars * 1.2))}${batch ? ' --batch' : ''}` : ''}${told === undefined ? '' : ` --rounds ${told}`}${base === usualOptions.base ? '' : ` --base ${base}`}`)}`)
}

function counts(briefs: Brief[], slice: string): Record<string, number> {
  const found: Record<string, number> = {}
  for (const brief of briefs) {
    const value = brief.slice[slice]
    if (value !== undefined) found[value] = (found[value] ?? 0) + 1
  }
  return found
}

async function importedRows(name: string): Promise<number> {
  const text = await readFile(dataDir(name, 'imported.jsonl'), 'utf8').catch(() => '')
  return text.split('\n').filter(Boolean).length
}
