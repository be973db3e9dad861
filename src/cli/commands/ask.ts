import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { Row } from '../../dataset/row.ts'
import { ExitCode, InputError } from '../../errors.ts'
import { execute } from '../../inference/execute.ts'
import { loadAsker } from '../../inference/ask.ts'
import { checkGguf } from '../../inference/gguf.ts'
import { checkInstruction } from '../../inference/predictor.ts'
import { modelDir } from '../../paths.ts'
import { bold, dim, note, percent, print, printJson } from '../print.ts'

interface Options {
  /** A file, or false for --no-context. */
  context?: string | boolean
  execute?: boolean
  model?: string
  json?: boolean
}

const advice = {
  execute: 'sure enough to execute',
  confirm: 'execute after a look',
  clarify: 'not sure: choose one',
  ask: 'please say it differently',
}

/** Answers one question; runs the command only with --execute, and then as far as its threshold allows. */
export async function askOnce(name: string, question: string, { context, execute: run, model, json }: Options): Promise<void> {
  checkInstruction(question)
  const bundle = model ?? modelDir(name)
  if (model && /\.gguf$/i.test(model)) await checkGguf(model)
  if (!existsSync(bundle) || (!model && !existsSync(modelDir(name, 'clitron.json')))) throw new InputError(`There is no model of ${name} in this folder yet: \`clitron train ${name}\` makes it.`)
  const asker = await loadAsker(bundle)
  try {
    if (model && /\.gguf$/i.test(model) && resolve(model) !== resolve(asker.bundle.gguf)) throw new InputError(`${model} is not the model of its folder: the clitron.json beside it names ${basename(asker.bundle.gguf)}. Score it with \`clitron eval ${name} --model ${model}\`.`)
    const known = typeof context === 'string' ? await readContext(context) : context === false ? null : ((await asker.family.collectContext?.(asker.schema, process.cwd())) ?? null)
    const answer = await asker.ask(question, known)
    if (json) printJson({ output: answer.output, line: answer.line, confidence: answer.confidence, action: answer.action, latency_ms: answer.latency_ms, context: known })
    else {
      const output = answer.output as { type?: string; message?: string; suggestions?: { label: string; command: string; subcommand: string | null }[] } | null
      if (answer.line) print(bold(answer.line))
      else if (output?.type === 'clarification') {
        print(output.message ?? '')
        for (const { label, command, subcommand } of output.suggestions ?? []) print(`  - ${label} ${dim(`(${[command, subcommand].filter(Boolean).join(' ')})`)}`)
      } else print(JSON.stringify(answer.output))
      print(dim(`confidence ${percent(answer.confidence)}, ${advice[answer.action]}, ${answer.latency_ms.toFixed(0)} ms`))
    }
    if (!run) return
    const result = await execute(answer, { confirm: process.stdin.isTTY ? confirm : undefined })
    if (result.reason) note(result.reason)
    process.exitCode = result.executed ? (result.exitCode ?? ExitCode.ok) : ExitCode.waiting
  } finally {
    await asker.close()
  }
}

async function readContext(file: string): Promise<Row['context']> {
  const text = await readFile(file, 'utf8').catch(() => {
    throw new InputError(`${file} cannot be read; --context takes a JSON file such as {"git": {"current_pr": 12}}.`)
  })
  try {
    return Row.shape.context.parse(JSON.parse(text))
  } catch {
    throw new InputError(`${file} is not a JSON object; --context takes a JSON file such as {"git": {"current_pr": 12}}.`)
  }
}

async function confirm(line: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  const answer = await terminal.question(`Run \`${line}\`? [y/N] `)
  terminal.close()
  return /^y(es)?$/i.test(answer.trim())
}
