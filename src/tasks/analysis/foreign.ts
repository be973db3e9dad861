import { Row } from '../../dataset/row.ts'
import { InputError } from '../../errors.ts'
import { shown } from '../../text.ts'
import { otherAnswers } from '../other-answers.ts'
import { isBatch, readBatch } from './batch.ts'
import type { AnalysisSchema } from './schema.ts'
import { rendered, taskOf } from './user-text.ts'

const answers = ['analysis', 'output', 'answer', 'expected']

/**
 * Reads a row as people have it: {batch, analysis}, a batch with its `analysis` inside, or {instruction, context, output}; `task` says which
 * part alone is asked for. The batch is rendered and sanitized at once: nothing else of it is kept.
 * @throws InputError when it is none of them
 */
export function fromForeign(schema: AnalysisSchema, record: Record<string, unknown>): Row {
  const batch = [record.batch, record, record.context].find(isBatch)
  const words = typeof record.instruction === 'string' ? record.instruction : undefined
  const instruction = batch ? rendered(schema, readBatch(batch)) : words
  const given = answers.map((key) => record[key]).find((value) => value !== undefined && value !== null)
  if (instruction === undefined || given === undefined) throw new InputError(`expected {"batch": {"emails": […]}, "analysis": {…}} or {"instruction", "context", "output"}, found the keys ${shown(Object.keys(record))}.`)
  const named = record.task ?? (batch ? words && taskOf(words) : (record.context as { task?: unknown } | null)?.task)
  const task = typeof named === 'string' && named !== 'all' ? taskOf(named) : undefined
  if (typeof named === 'string' && named !== 'all' && named !== '' && task === undefined) throw new InputError(`expected a task (state, priority, summary, entities, actions or all), found ${shown(named)}.`)
  const { success, data, error } = Row.safeParse({
    ...record,
    instruction,
    context: task === undefined ? null : { task },
    output: text(given),
    id: record.id === undefined ? undefined : String(record.id),
    source: Row.shape.source.safeParse(record.source).data,
    ...otherAnswers(record, text),
  })
  if (!success) throw new InputError(`expected a row, found ${error.issues[0]!.path.join('.')}: ${error.issues[0]!.message}.`)
  return data
}

const text = (value: unknown): string => (typeof value === 'string' ? value.trim() : JSON.stringify(value))
