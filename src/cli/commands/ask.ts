import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { basename, dirname, resolve } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { Row } from '../../dataset/row.ts'
import { ExitCode, InputError } from '../../errors.ts'
import type { Bundle } from '../../inference/bundle.ts'
import { execute, type Executed } from '../../inference/execute.ts'
import { loadAsker, type Answer, type Asker } from '../../inference/ask.ts'
import { checkGguf } from '../../inference/gguf.ts'
import { checkInstruction } from '../../inference/predictor.ts'
import { modelDir, schemaFile } from '../../paths.ts'
import { gatherSchema } from '../../tasks/index.ts'
import { readableJson, visible } from '../../text.ts'
import { bold, dim, note, percent, print, printExactly, printJson } from '../print.ts'

interface Options {
  /** A file, or false for --no-context. */
  context?: string | boolean
  /** A file that is asked about. */
  data?: string
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

const adviceToRead = { ...advice, execute: 'sure of it', confirm: 'have a look at it' }

/** Answers one question; runs the command only with --execute, and then as far as its threshold allows. */
export async function askOnce(name: string, question: string, { context, data, execute: run, model, json }: Options): Promise<void> {
  const file = data === undefined ? undefined : { file: data, text: await readAsked(data) }
  if (!file) checkInstruction(question)
  const bundle = model ?? modelDir(name)
  if (model && /\.gguf$/i.test(model)) await checkGguf(model)
  if (!existsSync(bundle) || (!model && !existsSync(modelDir(name, 'clitron.json')))) throw new InputError(`There is no model of ${name} in this folder yet: \`clitron train ${name}\` makes it.`)
  const asker = await loadAsker(bundle)
  try {
    // A model that was named by its path may well have another schema than this folder's.
    if (!model && (await isOlderThanSchema(name, asker.bundle))) note(dim(`The model of ${name} is older than schemas/${name}.yaml and knows nothing of its changes: \`clitron train ${name}\` makes a new one.`))
    if (model && /\.gguf$/i.test(model) && resolve(model) !== resolve(asker.bundle.gguf)) throw new InputError(`${model} is not the model of its folder: the clitron.json beside it names ${basename(asker.bundle.gguf)}. Score it with \`clitron eval ${name} --model ${model}\`.`)
    const known = typeof context === 'string' ? await readContext(context) : context === false ? null : ((await asker.family.collectContext?.(asker.schema, process.cwd())) ?? null)
    const asked = file ? asAsked(asker, file, question) : { instruction: question, context: null }
    const answer = await asker.ask(asked.instruction, asked.context ?? known)
    if (!json) show(answer, asker.family.answersAre === 'read' ? adviceToRead : advice)
    let result: Executed | undefined
    try {
      if (run) result = await execute(answer, { confirm: process.stdin.isTTY ? confirm : undefined, output: json ? 'stderr' : 'stdout' })
    } catch (error) {
      result = { executed: false, reason: (error as Error).message }
      throw error
    } finally {
      if (json) printJson({ output: answer.output, line: answer.line, confidence: answer.confidence, action: answer.action, ...(answer.suggestions.length > 0 && { suggestions: answer.suggestions }), ...(answer.opinion && { opinion: answer.opinion }), latency_ms: answer.latency_ms, context: asked.context ?? known, ...(result && described(result)) })
    }
    if (!result) return
    if (result.reason) note(result.reason)
    process.exitCode = result.executed ? (result.exitCode ?? ExitCode.ok) : ExitCode.waiting
  } finally {
    await asker.close()
  }
}

function show({ output, line, confidence, action, suggestions, latency_ms }: Answer, words: typeof advice): void {
  const said = output as { type?: string; message?: string; response?: string; sources?: { file: string; line: number }[]; suggestions?: Answer['suggestions'] } | null
  if (line) printExactly(bold(visible(line)))
  else if (said?.type === 'clarification') printExactly(visible(said.message ?? ''))
  else if (said?.response !== undefined) printExactly(visible(said.response, { lines: true }))
  else printExactly(visible(asDocument(output), { lines: true }))
  for (const { file, line: at } of said?.sources ?? []) printExactly(dim(`  ${visible(file)}:${at}`))
  const choices = said?.suggestions ?? suggestions
  for (const { label, command, subcommand } of choices) printExactly(`  - ${visible(label)} ${dim(`(${[command, subcommand].filter(Boolean).join(' ')})`)}`)
  // A question back is sure of itself, and still nothing to execute.
  const choose = said?.type === 'clarification' ? 'choose one, or say more' : words.clarify
  const next = said?.response !== undefined && action !== 'ask' ? 'words, nothing to execute' : action !== 'clarify' ? words[action] : choices.length > 0 ? choose : words.ask
  print(dim(`confidence ${percent(confidence)}, ${next}, ${latency_ms.toFixed(0)} ms`))
}

/** The answer as JSON that a person can read and copy; the confidence stands below it. */
function asDocument(output: unknown): string {
  const { confidence: _, ...document } = (output ?? {}) as { confidence?: number }
  return readableJson(document)
}

async function isOlderThanSchema(name: string, { manifest }: Bundle): Promise<boolean> {
  const schema = schemaFile(name)
  if (!existsSync(schema)) return false
  const text = gatherSchema({ name, file: `schemas/${name}.yaml`, text: await readFile(schema, 'utf8') }, dirname(schema))
  return createHash('sha256').update(text).digest('hex') !== manifest.files.schema.sha256
}

/** What came of --execute, in the words of a document. */
const described = ({ executed, reason, exitCode }: Executed) => ({ executed, ...(executed ? { exit_code: exitCode } : { reason }) })

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

/** Largest file that is asked about, in bytes. */
const mostAsked = 16e6

async function readAsked(file: string): Promise<string> {
  const size = await stat(file).then((found) => found.size, () => undefined)
  if (size === undefined) throw new InputError(`${file} cannot be read; --data takes the file that is asked about.`)
  if (size > mostAsked) throw new InputError(`${file} has ${(size / 1e6).toFixed(1)} MB, at most ${mostAsked / 1e6} MB are read at a time; ask about a part of it.`)
  return (await readFile(file, 'utf8')).replace(/^\ufeff/, '')
}

/** A file and the words beside it as the question: the kind of task knows its files. */
function asAsked({ family, schema }: Asker, file: { file: string; text: string }, words: string): Pick<Row, 'instruction' | 'context'> {
  return family.readQuestion?.(schema, file, words) ?? { instruction: [words, file.text].filter(Boolean).join('\n'), context: null }
}

async function confirm(line: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  const answer = await terminal.question(`Run \`${visible(line)}\`? [y/N] `)
  terminal.close()
  return /^y(es)?$/i.test(answer.trim())
}
