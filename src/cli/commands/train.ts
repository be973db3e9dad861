import { existsSync } from 'node:fs'
import { ExitCode } from '../../errors.ts'
import { modelDir } from '../../paths.ts'
import type { Stage, TrainOptions } from '../../plan.ts'
import type { TrainResult } from '../../workflows/train.ts'
import { asTyped } from '../as-typed.ts'
import { bringBack, publishes } from '../bring-back.ts'
import { checkOptions } from '../check-options.ts'
import { explain } from '../explain.ts'
import { follow, outcome } from '../follow.ts'
import { bold, note, print, printJson, yellow } from '../print.ts'
import { prepare, start } from '../start.ts'
import { scoresOf, summary } from '../summary.ts'

interface Options extends TrainOptions {
  retrain?: boolean
  detach?: boolean
  json?: boolean
}

/** Starts (or attaches to) the durable run of `type`, follows it, and brings its files into this folder. */
export async function train(type: 'train' | Stage, name: string, { retrain, detach, json, ...rest }: Options): Promise<void> {
  const began = performance.now()
  const options = checkOptions(rest)
  const stream = json ? process.stderr : process.stdout
  const tell = (line: string) => void stream.write(`${asTyped(line)}\n`)
  const input = await prepare(name, { type, options, retrain: retrain ?? false }, tell)
  // Every single stage makes what it needs; of `eval` people expect seconds.
  if (type === 'eval' && !existsSync(modelDir(name, 'clitron.json'))) tell(`There is no model of ${name} in this folder yet: the stages before are run first, as by \`clitron train ${name}\`.`)
  const { client, attached, handle } = await start(type, input, tell)
  try {
    if (detach) {
      if (json) printJson({ name, workflow: handle.workflowId, started: !attached })
      else print(`${handle.workflowId} ${attached ? 'was running already' : 'is running'}. Follow it with \`clitron watch ${name}\`.`)
      return
    }
    const ended = await follow(handle, name, stream)
    if ('detached' in ended) {
      if (json) printJson({ name, workflow: handle.workflowId, detached: true })
      note(`\n${handle.workflowId} goes on without this terminal. Watch it: clitron watch ${name}. Pause it: clitron pause ${name}. End it: clitron cancel ${name}.`)
      process.exitCode = ExitCode.cancelled
      return
    }
    if ('waiting' in ended) {
      if (json) printJson({ name, waiting: ended.waiting })
      note(`${handle.workflowId} waits for you: ${ended.waiting}\nGo on with: clitron resume ${name}`)
      process.exitCode = ExitCode.waiting
      return
    }
    const result = await outcome<TrainResult>(handle, name)
    const folders = await bringBack(result, type)
    // Only a gate stops what a person asked for; that a schedule's challenger is not better is no fault.
    if (result.version !== undefined && !result.promoted && !retrain) process.exitCode = ExitCode.gate
    const seconds = (performance.now() - began) / 1000
    if (json) printJson(type === 'eval' ? await scoresOf(name) : { ...(await summary(name, result, seconds)), folders })
    else await say(type, name, result, seconds, folders)
  } catch (error) {
    const { message, code, type: kind } = explain(error)
    if (json) printJson({ name, error: { type: kind, message } })
    note(message)
    process.exitCode = code
  } finally {
    await client.connection.close()
  }
}

async function say(type: string, name: string, result: TrainResult, seconds: number, folders: string[]): Promise<void> {
  if (result.up_to_date) print(`${bold(name)}: all is up to date (${seconds.toFixed(1)} s)${publishes(type) ? '' : `: ${folders.at(-1)}/`}.`)
  else if (!publishes(type)) print(`${bold(name)}: ${type} is done in ${Math.round(seconds)} s: ${folders.at(-1)}/`)
  // Who asks for an evaluation wants its figures, also those that were there already.
  if (!publishes(type) || (result.up_to_date && type !== 'eval')) return
  const { model, scores, verdict, failed } = await summary(name, result, seconds)
  const rounded = Math.round(seconds)
  if (!result.up_to_date) print(result.promoted ? `\n${bold(name)} is trained: ${model?.path} in ${rounded} s` : `\n${bold(name)} is trained in ${rounded} s, and ${model?.path} stays as it was:`)
  if (verdict && (!result.promoted || Object.keys(failed).length > 0)) print(yellow(`  ${verdict}`))
  for (const [set, score] of Object.entries(scores as Record<string, { equivalent?: number; interval?: [number, number]; n?: number }>)) {
    if (typeof score?.equivalent === 'number') print(`  ${set.padEnd(8)} ${(100 * score.equivalent).toFixed(1)}% right${score.interval ? ` (95% interval ${(100 * score.interval[0]).toFixed(1)}-${(100 * score.interval[1]).toFixed(1)})` : ''} on ${score.n} rows`)
  }
  if (result.improvement) print(`  rounds   ${result.improvement} (training/models/${name}/improvement_log.json)`)
  print(`\nTry it: clitron ask ${name} "…"   Look: training/models/${name}/report.html`)
}

