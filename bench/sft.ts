/**
 * Useful tokens a second of supervised fine-tuning on a CPU: Clitron's trainer (trainers/sft.py) against TRL's SFTTrainer (bench/trl_sft.py).
 *
 *   node bench/sft.ts scratch [--rows 4608] [--rounds 5] [--precision fp32]
 *   node bench/sft.ts lora [--rows 1024] [--rounds 5] [--precision fp32]
 *
 * Same model, rows, token ids, device and precision, one pass over the rows. `scratch`: the default model with its configuration, from the
 * same random weights; rows are not re-lexicalised, so that both sides read the same. `lora`: a Llama of two layers with random weights and
 * Llama 3's tokenizer (tests/trainers/rebuild_tokenizer.py), the same adapters. Useful tokens are those of prompts and answers; padding is none.
 * The steps are timed on both sides; loading, tokenizing and validation are not, and the seconds of whole processes are told beside. Before the rounds the
 * peer is tuned on a quarter of the rows: batches of 8, 16, 32 and 64, at random and by length, and its fastest competes. No figure without:
 * as many tokens read on both sides, the same loss on the same validation rows before training, and a smaller one after it.
 * Prints one JSON document: the ratio, tokens a second, the tuning, and growth at 1/16 and 1/4 of the rows.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { packageRoot } from '../src/paths.ts'
import { readConfigs } from '../src/setup/configs.ts'
import { ensureLlamaSources } from '../src/setup/llama-cpp.ts'
import { ensurePython } from '../src/setup/python.ts'
import { run } from '../src/setup/run.ts'
import { exponentOf, grownTo, inTurns, median, mustHold, ratioWords, round, say, speedup, tell } from './compare.ts'
import { runPeer, runTrainer } from './peers.ts'
import { type LessonFiles, writeLessons } from './rows.ts'

const { values, positionals: [kind] } = parseArgs({ allowPositionals: true, options: { rows: { type: 'string' }, rounds: { type: 'string', default: '5' }, precision: { type: 'string', default: 'fp32' } } })
if (kind !== 'scratch' && kind !== 'lora') throw new Error('Usage: node bench/sft.ts scratch|lora [--rows N] [--rounds 5] [--precision fp32|bf16]')
const validationRows = 64
const sizes = [8, 16, 32, 64]
const seed = 1
const common = { stage: 'sft', name: 'bench', seed, device: 'cpu', precision: values.precision, checkpoint_seconds: 36_000 }

interface Trained {
  tokens: number
  seconds: number
  process_seconds: number
  validation_loss: number
}
interface PeerTrained extends Trained {
  tokens_per_second: number
  validation_loss_before: number
}
/** What differs between the two kinds. */
interface Setting {
  /** The model that both begin with, and its loss on the validation rows. */
  model: string
  validationLoss: number
  rowsAStep: number
  /** Of our trainer, for so many steps. */
  spec: (steps: number) => Record<string, unknown>
  /** Of the peer's. */
  peer: Record<string, unknown>
}
type Section = Record<string, unknown>

const folder = mkdtempSync(join(tmpdir(), 'clitron-bench-sft-'))
const python = await ensurePython()
let runs = 0

/** A run in folders of its own: nothing is resumed. */
async function train(spec: Record<string, unknown>): Promise<Trained & { output: string }> {
  const work = join(folder, `run-${++runs}`)
  mkdirSync(work)
  const output = join(work, 'model')
  const result = await runTrainer('sft', work, { ...common, ...spec, work: join(work, 'checkpoints'), output })
  // The last line was written after the last step, before the final validation.
  const { tokens_per_second } = JSON.parse(readFileSync(join(output, 'metrics.jsonl'), 'utf8').trim().split('\n').at(-1)!) as { tokens_per_second: number }
  const tokens = Number(result.tokens)
  return { tokens, seconds: tokens / tokens_per_second, process_seconds: result.process_seconds, validation_loss: Number(result.validation_loss), output }
}

async function scratch(lessons: LessonFiles): Promise<Setting> {
  const sft = (await readConfigs('scratch')).sft as { training: Section & { batch_size: number } }
  const spec = (steps: number) => ({
    base: 'scratch', ...lessons,
    config: { ...sft, training: { ...sft.training, steps, relexicalise: 0 }, logging: { logging_steps: steps, eval_steps: steps + 1, eval_rows: validationRows } },
  })
  const { output: model, validation_loss } = await train(spec(1))
  return { model, validationLoss: validation_loss, rowsAStep: sft.training.batch_size, spec: (steps) => ({ ...spec(steps), start: model }), peer: { learning_rate: 1e-3, eval_batch_size: validationRows } }
}

async function lora(lessons: LessonFiles): Promise<Setting> {
  const model = join(folder, 'llama')
  const { sources } = await ensureLlamaSources()
  await run(python, [join(packageRoot, 'tests/trainers/rebuild_tokenizer.py'), sources, 'llama', model, '256', '20'])
  const sft = (await readConfigs(model)).sft as { training: Section & { per_device_train_batch_size: number; gradient_accumulation_steps: number } }
  const { per_device_train_batch_size: size, gradient_accumulation_steps: accumulated, lora_r: r, lora_alpha: alpha, lora_dropout: dropout, lora_target_modules: targets } = sft.training
  const learning_rate = 2e-3
  const spec = (steps: number, changed: Section = {}) => ({
    base: model, ...lessons, config: { ...sft, training: { ...sft.training, num_train_epochs: 1, learning_rate, ...changed }, logging: { logging_steps: steps } },
  })
  const { validation_loss } = await train(spec(1, { max_steps: 1, learning_rate: 0 }))
  return {
    model, validationLoss: validation_loss, rowsAStep: size * accumulated, spec,
    peer: { learning_rate, eval_batch_size: size, lora: { r, alpha, dropout, targets } },
  }
}

async function main(asked: number): Promise<void> {
  const lessons = writeLessons(join(folder, 'lessons'), { train: asked, validation: validationRows })
  const setting = await (kind === 'scratch' ? scratch : lora)(lessons)
  const lines = readFileSync(lessons.train, 'utf8').trim().split('\n')
  const whole = (count: number) => Math.max(1, Math.round(count / setting.rowsAStep))
  /** The first rows, as many as whole steps take. */
  const first = (steps: number) => {
    const file = join(folder, 'first.jsonl')
    writeFileSync(file, lines.slice(0, steps * setting.rowsAStep).map((line) => `${line}\n`).join(''))
    return file
  }
  const steps = Math.floor(asked / setting.rowsAStep)
  mustHold(steps > 0, `${asked} rows make no step of ${setting.rowsAStep}.`)
  const rows = steps * setting.rowsAStep
  const ours = async (count = steps) => train({ ...setting.spec(count), train: first(count) })
  const peer = async (settings: { batch_size: number; by_length: boolean; rows?: number; compare?: boolean }) => {
    const file = join(folder, 'peer.json')
    writeFileSync(file, JSON.stringify({ model: setting.model, ...lessons, rows, work: join(folder, 'peer'), seed, precision: values.precision, ...setting.peer, ...settings }))
    return runPeer<PeerTrained>(python, 'trl_sft.py', [file])
  }

  const tuning: { batch_size: number; by_length: boolean; tokens_per_second: number }[] = []
  for (const batch_size of sizes) {
    for (const by_length of [false, true]) {
      const { tokens_per_second } = await peer({ batch_size, by_length, rows: Math.ceil(rows / 4), compare: false })
      tuning.push({ batch_size, by_length, tokens_per_second })
      say(`TRL with batches of ${batch_size} ${by_length ? 'by length' : 'at random'}: ${round(tokens_per_second)} tokens a second`)
    }
  }
  const { tokens_per_second: _, ...best } = tuning.reduce((fastest, one) => (one.tokens_per_second > fastest.tokens_per_second ? one : fastest))

  const measured = await inTurns(Number(values.rounds), ours, () => peer(best))
  const { tokens } = measured.ours[0]!
  for (const one of measured.ours) mustHold(one.tokens === tokens && one.validation_loss < setting.validationLoss, `ours read ${one.tokens} tokens (${tokens} before) and came from a loss of ${setting.validationLoss} to ${one.validation_loss}.`)
  for (const one of measured.peer) {
    mustHold(one.tokens === tokens, `ours read ${tokens} tokens, the peer ${one.tokens}.`)
    mustHold(Math.abs(one.validation_loss_before / setting.validationLoss - 1) < 1e-3, `before training the validation rows cost ${setting.validationLoss} nats a token in our trainer, ${one.validation_loss_before} in the peer's: they do not train the same.`)
    mustHold(one.validation_loss < one.validation_loss_before, `the peer came from a loss of ${one.validation_loss_before} to ${one.validation_loss}.`)
  }
  const seconds = { ours: measured.ours.map((one) => one.seconds), peer: measured.peer.map((one) => one.seconds) }
  const speed = (side: readonly number[]) => tokens / median(side)
  const points: { rows: number; seconds: number; process_seconds: number }[] = []
  for (const count of grownTo(rows).slice(0, 2)) points.push({ rows: whole(count) * setting.rowsAStep, ...figures(await ours(whole(count))) })
  points.push({ rows, seconds: median(seconds.ours), process_seconds: median(measured.ours.map((one) => one.process_seconds)) })
  const ratio = speedup(seconds.ours, seconds.peer)
  tell({
    what: `useful tokens a second of SFT, ${kind}, CPU, ${values.precision}, against TRL's SFTTrainer`, ratio, rows, tokens, steps,
    tokens_per_second: { ours: speed(seconds.ours), peer: speed(seconds.peer) },
    process_seconds: { ours: points.at(-1)!.process_seconds, peer: median(measured.peer.map((one) => one.process_seconds)) },
    validation_loss: { before: setting.validationLoss, ours: measured.ours[0]!.validation_loss, peer: measured.peer[0]!.validation_loss },
    peer: { best, tuning }, growth: { points, exponent: exponentOf(points.map((point) => ({ work: point.rows, cost: point.seconds }))) },
  }, `${kind}: ${ratioWords(ratio)} as fast as TRL (bar: 3×), ${round(speed(seconds.ours))} against ${round(speed(seconds.peer))} useful tokens a second, ${values.precision}`)
}
const figures = ({ seconds, process_seconds }: Trained) => ({ seconds, process_seconds })

try {
  await main(Number(values.rows ?? { scratch: 4_608, lora: 1_024 }[kind]))
} finally {
  rmSync(folder, { recursive: true, force: true })
}
