import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { readJsonl } from '../dataset/jsonl.ts'
import type { Row } from '../dataset/row.ts'
import { InputError } from '../errors.ts'
import { PromptTemplate } from '../inference/template.ts'
import type { TaskFamily } from '../tasks/family.ts'
import { thinned } from '../thinned.ts'
import { lossPointKeys, type LossPoint } from './learning.ts'

/** @throws InputError when a candidate's folder lacks it */
export async function readTemplate(folder: string): Promise<PromptTemplate> {
  const file = join(folder, 'prompt_template.json')
  const text = await readFile(file, 'utf8').catch(() => {
    throw new InputError(`Expected ${file}, which says how the model is asked; it is not there. Quantize the model again.`)
  })
  return PromptTemplate.parse(JSON.parse(text))
}

/** A row in any form that the family understands, all of whose answers the schema allows. @throws the schema's objection */
export function scorableRow(family: TaskFamily, schema: unknown, value: Record<string, unknown>, id: string): Row {
  const row = family.fromForeign(schema, value)
  for (const output of [row.output, ...(row.accepted ?? [])]) family.completion(schema, output)
  return { ...row, id: row.id ?? id }
}

/** @throws InputError with the line of a row that its own schema refuses */
export async function readGolden(file: string, family: TaskFamily, schema: unknown): Promise<Row[]> {
  const rows: Row[] = []
  for await (const { line, value } of readJsonl(file)) {
    try {
      rows.push(scorableRow(family, schema, value, `golden-${line}`))
    } catch (error) {
      throw new InputError(`The golden set, line ${line}: its own schema refuses this row: ${(error as Error).message} Mend the row or the schema (clitron lint).`)
    }
  }
  return rows
}

const ByPart = z.record(z.string(), z.number())

/** The trainer's metrics.jsonl, where the candidate's folder has it. */
export async function readLosses(folder: string): Promise<LossPoint[]> {
  const file = join(folder, 'metrics.jsonl')
  if (!existsSync(file)) return []
  const points: LossPoint[] = []
  for await (const { value } of readJsonl(file, { onBadLine: () => {} })) {
    if (typeof value.step !== 'number') continue
    const byPart = ByPart.safeParse(value.validation_loss_by_part).data
    points.push({ step: value.step, ...Object.fromEntries(lossPointKeys.flatMap((key) => (typeof value[key] === 'number' ? [[key, value[key]]] : []))), ...(byPart && { validation_loss_by_part: byPart }) })
  }
  return points
}

/** As many of them as a picture shows, validations first. */
export function drawn(points: readonly LossPoint[]): LossPoint[] {
  const validated = points.filter((point) => point.validation_loss !== undefined)
  return [...new Set([...thinned(points, 200), ...thinned(validated, 60)])].sort((a, b) => a.step - b.step)
}
