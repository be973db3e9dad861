import { open, readFile, stat } from 'node:fs/promises'
import { InputError } from '../errors.ts'
import type { TaskFamily } from '../tasks/family.ts'
import { breathe } from './hooks.ts'
import { isFeedback, reviewed } from './feedback.ts'
import type { Hooks } from './hooks.ts'
import { jsonErrorOffset } from './json-error.ts'
import { readJsonl } from './jsonl.ts'
import type { JsonlRecord } from './jsonl.ts'
import type { Row } from './row.ts'
import { findSecrets, maskSecrets, type SecretKind } from './secrets.ts'
import { fold, hash53 } from './text.ts'
import { problemsOf } from './validate.ts'
import type { RejectedRow } from './validate.ts'

export interface ImportResult {
  /** New rows, with id, intent and source. */
  accepted: Row[]
  /** With file, line and reason. */
  rejected: RejectedRow[]
  /** Rows that stand in `existing` or earlier in the file already. */
  duplicates: number
  /** Rows whose question is known with another answer, which they do not say they correct; they are among `rejected`. */
  contradictions: number
  /** Answers for review that nobody has looked at. */
  unreviewed: number
  /** Secrets and personal data for which a stand-in was put, by kind. */
  masked: Partial<Record<SecretKind, number>>
}

/**
 * Rows made elsewhere, in any form the family reads: one JSON object a line, or one JSON list of objects; and answers that a person reviewed.
 * A bad line is rejected with its number and reason, the rest is kept. Secrets and personal data are masked before anything
 * else, in what is rejected as well. Nothing is written.
 * @throws InputError when the file cannot be read at all
 */
export async function importRows({ family, schema, file, existing = [] }: { family: TaskFamily; schema: unknown; file: string; existing?: Iterable<Row> }, hooks: Hooks = {}): Promise<ImportResult> {
  const result: ImportResult = { accepted: [], rejected: [], duplicates: 0, contradictions: 0, unreviewed: 0, masked: {} }
  const reject = (row: unknown, line: number, problem: RejectedRow['problems'][number]) => result.rejected.push({ row, problems: [problem], file, line })
  const answers = new Map<string, { completion: string; corrected: boolean }>()
  const questionOf = (row: Row) => family.userText(schema, row.instruction, row.context)
  const remember = (question: string, completion: string, row: Row) => {
    if (!answers.get(question)?.corrected) answers.set(question, { completion, corrected: row.rejected !== undefined })
  }
  for (const row of existing) remember(questionOf(row), family.completion(schema, row.output), row)

  let done = 0
  // The message quotes the line, the rejected row is it: neither may show what the line hides.
  const onBadLine = (error: InputError, line: number, text: string) => {
    const secret = findSecrets(text).length > 0
    reject(secret ? '(not kept: it holds a secret)' : text, line, { rule: 'json', message: secret ? error.message.replace(/; it stops being JSON at .*$/s, '.') : error.message })
  }
  for await (const { line, value: raw } of records(file, onBadLine, hooks.signal)) {
    if (++done % 1000 === 0) {
      hooks.onProgress?.({ message: 'importing rows', step: done, steps: 0 })
      await breathe(hooks)
    }
    let row: Row
    let value = raw
    try {
      const { record, masked } = maskSecrets(raw)
      value = record
      for (const kind of masked) result.masked[kind] = (result.masked[kind] ?? 0) + 1
    } catch (error) {
      if (error instanceof RangeError) reject('(not kept)', line, { rule: 'shape', message: 'the row is nested too deeply' })
      else if (error instanceof InputError) reject('(not kept: it holds secrets)', line, { rule: 'secret', message: error.message })
      else throw error
      continue
    }
    const feedback = isFeedback(value)
    const said = feedback ? reviewed(value) : value
    if (!said) {
      result.unreviewed++
      continue
    }
    try {
      row = corrected(family, schema, family.fromForeign(schema, said), feedback)
    } catch (error) {
      if (!(error instanceof InputError)) throw error
      reject(value, line, { rule: 'shape', message: error.message })
      continue
    }
    const problems = problemsOf(family, schema, row)
    if (problems.length > 0) {
      result.rejected.push({ row: value, problems, file, line })
      continue
    }
    const question = questionOf(row)
    const completion = family.completion(schema, row.output)
    const known = answers.get(question)
    // A correction is a later word on a question that may be known: the dataset keeps its answer instead.
    if (known === undefined || (row.rejected !== undefined && !known.corrected)) {
      remember(question, completion, row)
      // Not the place in the file: the same rows in another order are the same examples.
      result.accepted.push({ ...row, id: row.id ?? `import-${hash53([question, completion, row.rejected].filter(Boolean).join('\n')).toString(36)}`, intent: row.intent ?? `import:${hash53(fold(row.instruction)).toString(36)}`, source: row.source ?? 'import' })
    } else if (known.completion === completion) result.duplicates++
    else {
      result.contradictions++
      reject(value, line, { rule: 'value', message: `this question is known with another answer: ${known.completion.slice(0, 200)}` })
    }
  }
  return result
}

/**
 * The row as it is, without a wrong answer that turns out to be right.
 * @param reviewed a person may have said the right answer in other words
 * @throws InputError when a correction puts an answer right that is right
 */
function corrected(family: TaskFamily, schema: unknown, row: Row, reviewed: boolean): Row {
  const { rejected, ...right } = row
  if (rejected === undefined || !family.score(schema, rejected, row).equivalent) return row
  if (reviewed) return right
  throw new InputError('"rejected" is as right as the answer: a correction has what the model answered wrongly there.')
}

/** A JSON list is read whole, so its size is bounded. */
const maxListBytes = 256 * 1024 * 1024

async function* records(file: string, onBadLine: (error: InputError, line: number, text: string) => void, signal?: AbortSignal): AsyncGenerator<JsonlRecord> {
  if (!(await startsList(file))) return yield* readJsonl(file, { onBadLine, signal })
  if ((await stat(file)).size > maxListBytes) throw new InputError(`${file}: a JSON list may be at most 256 MB; write one object a line instead.`)
  const text = (await readFile(file, 'utf8')).replace(/^\ufeff/, '')
  let list: unknown[]
  try {
    list = JSON.parse(text) as unknown[]
  } catch {
    const before = text.slice(0, jsonErrorOffset(text)).split('\n')
    throw new InputError(`${file}:${before.length}:${before.at(-1)!.length + 1}: expected a JSON list of rows, or one JSON object a line; here it stops being JSON.`)
  }
  for (const [index, value] of list.entries()) {
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) yield { line: index + 1, value: value as Record<string, unknown> }
    else onBadLine(new InputError(`${file}: item ${index + 1} is no JSON object.`), index + 1, JSON.stringify(value).slice(0, 2000))
  }
}

/** Whether the first thing in the file is a bracket; a missing file is left to the reader to report. */
async function startsList(file: string): Promise<boolean> {
  const handle = await open(file).catch(() => undefined)
  if (!handle) return false
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(64), 0, 64, 0)
    return buffer.toString('utf8', 0, bytesRead).replace(/^\ufeff/, '').trimStart().startsWith('[')
  } catch {
    return false
  } finally {
    await handle.close()
  }
}
