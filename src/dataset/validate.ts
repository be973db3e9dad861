import type { Problem, TaskFamily } from '../tasks/family.ts'
import { eachWithProgress } from './hooks.ts'
import type { Hooks } from './hooks.ts'
import { wellFormed } from './jsonl.ts'
import type { Row } from './row.ts'

/** A row that is not trained on, and why; one line of rejected.jsonl. */
export interface RejectedRow {
  row: unknown
  problems: Problem[]
  file?: string
  /** 1-based line of the file it came from. */
  line?: number
}

/** Longest instruction that is trained on, in characters; a longer one would not fit a model's context. */
const maxInstruction = 8000

/** What holds for a row of any family. */
export function commonProblems(row: Row): Problem[] {
  if (row.instruction.trim() === '') return [{ rule: 'shape', message: 'the instruction is empty' }]
  if (row.instruction.length > maxInstruction) return [{ rule: 'shape', message: `the instruction has ${row.instruction.length} characters; at most ${maxInstruction} are read` }]
  if (row.instruction.includes('\0')) return [{ rule: 'shape', message: 'the instruction holds a NUL character' }]
  if (!wellFormed(row)) return [{ rule: 'shape', message: 'a string holds half of a surrogate pair' }]
  return []
}

/** Problems of one row: the common ones, the family's own, and whether its answer and the accepted ones can be trained on. Never throws. */
export function problemsOf(family: TaskFamily, schema: unknown, row: Row): Problem[] {
  const common = commonProblems(row)
  if (common.length > 0) return common
  try {
    const problems = family.validate(schema, row)
    if (problems.length > 0) return problems
    family.completion(schema, row.output)
  } catch (error) {
    return [{ rule: 'shape', message: error instanceof Error ? error.message : String(error) }]
  }
  return []
}

export async function checkRows(family: TaskFamily, schema: unknown, rows: readonly Row[], hooks: Hooks & { place?: (index: number) => { file?: string; line?: number } } = {}): Promise<{ accepted: Row[]; rejected: RejectedRow[] }> {
  const accepted: Row[] = []
  const rejected: RejectedRow[] = []
  await eachWithProgress('checking rows', rows.length, hooks, (index) => {
    const row = rows[index]!
    const problems = problemsOf(family, schema, row)
    if (problems.length === 0) accepted.push(row)
    else rejected.push({ row, problems, ...hooks.place?.(index) })
  })
  return { accepted, rejected }
}

/** Rejections counted by rule, commonest first, with one message each as an example. */
export function reasons(rejected: readonly RejectedRow[]): { rule: string; count: number; example: string }[] {
  const byRule = new Map<string, { rule: string; count: number; example: string }>()
  for (const { problems } of rejected) {
    const { rule, message } = problems[0] ?? { rule: 'shape', message: '' }
    const entry = byRule.get(rule)
    if (entry) entry.count++
    else byRule.set(rule, { rule, count: 1, example: message })
  }
  return [...byRule.values()].sort((a, b) => b.count - a.count || (a.rule < b.rule ? -1 : 1))
}
