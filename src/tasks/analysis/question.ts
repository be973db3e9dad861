import { jsonErrorOffset } from '../../dataset/json-error.ts'
import type { Row } from '../../dataset/row.ts'
import { InputError } from '../../errors.ts'
import { isBatch, readBatch } from './batch.ts'
import type { AnalysisSchema } from './schema.ts'
import { rendered, taskOf } from './user-text.ts'

/** A batch file, or a mail as text, as the question; the words beside it may ask for one task. @throws InputError with line and column */
export function readQuestion(schema: AnalysisSchema, { file, text }: { file: string; text: string }, words: string): Pick<Row, 'instruction' | 'context'> {
  const task = taskOf(words)
  const context = task === undefined ? null : { task }
  if (!/^\s*[[{]/.test(text)) return { instruction: rendered(schema, readBatch([asMail(text)])), context }
  const value = batchIn(file, text)
  if (!isBatch(value) && !Array.isArray(value)) throw new InputError(`${file}:1:1: expected a batch of mails, {"emails": [{"from", "subject", "body"}]}, found ${Array.isArray(value) ? 'a list' : 'an object'} without them.`)
  return { instruction: rendered(schema, readBatch(value)), context }
}

/** @throws InputError with the place where the text stops being JSON */
export function batchIn(file: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    const before = text.slice(0, jsonErrorOffset(text)).split('\n')
    throw new InputError(`${file}:${before.length}:${before.at(-1)!.length + 1}: expected JSON, a batch of mails; here it stops being JSON: mend or complete it.`)
  }
}

/** A mail as it is saved: fields, an empty line, what is said; or only that. */
function asMail(text: string): Record<string, string> {
  const [head = '', ...rest] = text.split(/\r?\n\r?\n/)
  const fields = [...head.matchAll(/^([A-Za-z-]{2,30}):[ \t]*(.*)$/gm)].map(([, name, value]): [string, string] => [name!.toLowerCase(), value!])
  return fields.length > 0 && fields.length === head.trim().split('\n').length ? { ...Object.fromEntries(fields), body: rest.join('\n\n') } : { body: text }
}
