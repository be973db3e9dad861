import { readFileSync } from 'node:fs'
import { arch, availableParallelism, cpus, release, totalmem, type } from 'node:os'
import { join } from 'node:path'
import type { Hooks } from '../dataset/hooks.ts'
import { scoreOf } from '../evaluation/judge.ts'
import { InputError } from '../errors.ts'
import { askEach } from '../inference/ask-each.ts'
import { loadAsker, type Answer, type Asker } from '../inference/ask.ts'
import { calibrate } from '../inference/calibration.ts'
import { mapWide } from '../inference/concurrency.ts'
import { answerOrNone } from '../inference/predictor.ts'
import { thinned } from '../thinned.ts'
import { badQuestions } from './bad-questions.ts'
import { weightsFolder } from './contents.ts'
import { type BadQuestion, type Example, latencyOf, type Load, type Measured, type RowOutcome, type SmokeTest } from './performance.ts'
import { readSmokeRows, smokeRowsFile, type SmokeRow } from './smoke-rows.ts'

/** Questions at a time. */
const levels = [1, 4]
/** So many answers at least tell a latency, however slow the model is. */
const fewestAnswers = 20
const shownExamples = 3
/** The confidence of the same answer on another processor, which rounds otherwise. */
const sameConfidence = 0.05

interface MeasureOptions {
  /** The package, as it is served. */
  folder: string
  /** Each level of the load test takes so long, at least. */
  seconds: number
}

/**
 * Opens a packed folder as a service would, and asks it: every row of its smoke test, then questions one after the other and several at a time, then
 * bad ones. To be called in a process that has done nothing else, whose memory is the model's.
 * @throws InputError when the folder cannot be opened
 */
export async function measure({ folder, seconds }: MeasureOptions, hooks: Hooks = {}): Promise<Measured> {
  const before = residentMemory()
  const rows = await readSmokeRows(join(folder, smokeRowsFile))
  const began = performance.now()
  const asker = await loadAsker(join(folder, weightsFolder))
  try {
    const loadMs = performance.now() - began
    const loaded = residentMemory()
    const first = rows.find(({ instruction }) => instruction.trim() !== '')
    if (!first) throw new InputError(`${smokeRowsFile} has no question to ask.`)
    const firstMs = await timed(() => answerOrNone(asker.predictor.predict(first.instruction, first.context)))
    const firstAnswer = residentMemory()
    const { answerable, ...smoke } = await smokeTest(asker, rows, hooks)
    if (answerable.length === 0) throw new InputError(`The model comes to no end with any of the ${rows.length} questions of its smoke test.`)
    const load: Load[] = []
    const answers = new Map<SmokeRow, string>()
    for (const atOnce of levels) load.push(await loadTest(asker, answerable, { atOnce, seconds, answers }, hooks))
    const afterLoad = residentMemory()
    const bad = await askBadQuestions(asker, answerable[0]!, hooks)
    const held = answerable.filter(({ recorded }) => !recorded)
    const examples = await examplesOf(asker, thinned(held.length > 0 ? held : answerable, shownExamples))
    const { engine } = asker.predictor
    const { file, sha256, bytes } = asker.bundle.manifest.files.model
    return {
      performance: {
        created: new Date().toISOString(), host: host(),
        model: { file, sha256, bytes, parameters: engine.parameters, context_tokens: engine.contextSize, threads: engine.threads },
        load_ms: loadMs, first_answer_ms: firstMs, smoke_test: smoke, load_test: load,
        memory: { before_loading: before, loaded, first_answer: firstAnswer, after_load_test: afterLoad, peak: peakMemory() },
        bad_questions: bad,
      },
      examples, prompt: serverPrompt(asker, examples[0]!),
    }
  } finally {
    await asker.close()
  }
}

/** Every row once, scored as the evaluation scores. */
async function smokeTest({ predictor, family, schema, bundle }: Asker, rows: readonly SmokeRow[], hooks: Hooks): Promise<SmokeTest & { answerable: SmokeRow[] }> {
  const answered = await askEach(rows, { atOnce: 1 }, 'smoke test', hooks, async (row) => {
    const answer = await answerOrNone(predictor.predict(row.instruction, row.context))
    const { equivalent, error = 'other' } = scoreOf(family, schema, answer, row)
    const now: RowOutcome = { ...(!equivalent && { error }), confidence: calibrate(bundle.calibration, answer.probability) }
    return { row, now, ended: answer.endedByEos }
  })
  const recorded = answered.flatMap(({ row, now }) => (row.recorded ? { instruction: row.instruction, then: row.recorded, now } : []))
  const differing = recorded.filter(({ then, now }) => then.error !== now.error || Math.abs(then.confidence - now.confidence) > sameConfidence)
  const test = answered.filter(({ row }) => !row.recorded)
  return {
    recorded: recorded.length, alike: recorded.length - differing.length, differing,
    test: { n: test.length, right: test.filter(({ now }) => now.error === undefined).length },
    unanswered: answered.filter(({ ended }) => !ended).length, answerable: answered.filter(({ ended }) => ended).map(({ row }) => row),
  }
}

/** Keeps so many questions under way. @param answers what each row was answered before; completed here */
async function loadTest(asker: Asker, rows: readonly SmokeRow[], { atOnce, seconds, answers }: { atOnce: number; seconds: number; answers: Map<SmokeRow, string> }, hooks: Hooks): Promise<Load> {
  const latencies: number[] = []
  let asked = 0
  let others = 0
  const began = performance.now()
  const elapsed = () => (performance.now() - began) / 1000
  await mapWide(Array.from({ length: atOnce }), atOnce, async () => {
    while (elapsed() < seconds || asked < fewestAnswers) {
      hooks.signal?.throwIfAborted()
      const row = rows[asked++ % rows.length]!
      const started = performance.now()
      const answer = bare(await asker.ask(row.instruction, row.context))
      latencies.push(performance.now() - started)
      if (!answers.has(row)) answers.set(row, answer)
      if (answers.get(row) !== answer) others++
      hooks.onProgress?.({ message: `load test, ${atOnce} at a time`, step: Math.min(Math.floor(elapsed()), Math.ceil(seconds)), steps: Math.ceil(seconds) })
    }
  })
  const took = elapsed()
  return { at_once: atOnce, seconds: took, answers: latencies.length, answers_per_second: latencies.length / took, latency_ms: latencyOf(latencies), other_answers: others, memory_bytes: residentMemory() }
}

/** What nobody should ask, and after each of it a good question. */
async function askBadQuestions(asker: Asker, good: SmokeRow, hooks: Hooks): Promise<BadQuestion[]> {
  const usual = bare(await asker.ask(good.instruction, good.context))
  return askEach(badQuestions(good, asker.bundle.template), { atOnce: 1 }, 'bad questions', hooks, async ({ what, instruction, context }) => {
    const started = performance.now()
    const result = await asker.ask(instruction, context).then(
      ({ action, confidence }) => ({ result: 'answered' as const, action, confidence }),
      (error: Error) => ({ result: error instanceof InputError ? ('refused' as const) : ('failed' as const), message: error.message }),
    )
    const latency = performance.now() - started
    return { what, ...result, latency_ms: latency, answers_on: bare(await asker.ask(good.instruction, good.context)) === usual }
  })
}

async function examplesOf(asker: Asker, rows: readonly SmokeRow[]): Promise<Example[]> {
  const { predictor, family, schema } = asker
  const examples: Example[] = []
  for (const row of rows) {
    const answer = await asker.ask(row.instruction, row.context)
    const { equivalent } = scoreOf(family, schema, await predictor.predict(row.instruction, row.context), row)
    examples.push({ instruction: row.instruction, context: row.context, answer, right: equivalent })
  }
  return examples
}

/** A server puts BOS in front where the GGUF says so; where it does not, and the template does, the prompt begins with it. */
function serverPrompt({ bundle: { template }, family, schema, predictor }: Asker, { instruction, context }: Example): string {
  const { bosString, shouldPrependBosToken } = predictor.engine.model.tokens
  const bos = template.add_bos && !shouldPrependBosToken && bosString && !template.prefix.startsWith(bosString) ? bosString : ''
  return bos + template.prefix + family.userText(schema, instruction, context) + template.suffix
}

/** The answer without its confidence: that is the same up to rounding only. */
function bare({ output, line }: Answer): string {
  const { confidence: _, ...answer } = (output ?? {}) as { confidence?: number }
  return JSON.stringify([answer, line])
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await run()
  return performance.now() - began
}

const residentMemory = () => process.memoryUsage.rss()

/** Of this program alone: what `getrusage` tells on Linux may be the peak of the process that started it (getrusage(2): kept across execve). */
function peakMemory(): number {
  const told = process.platform === 'linux' ? /^VmHWM:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] : undefined
  return 1024 * Number(told ?? process.resourceUsage().maxRSS)
}

const host = () => ({ processor: cpus()[0]?.model.trim() ?? 'unknown', cores: availableParallelism(), memory_bytes: totalmem(), system: `${type()} ${release()} ${arch()}`, node: process.version })
