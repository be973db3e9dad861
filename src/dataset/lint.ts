import { InputError } from '../errors.ts'
import type { TaskFamily } from '../tasks/family.ts'
import { gramsOf } from './grams.ts'
import { readJsonl } from './jsonl.ts'
import { Row } from './row.ts'
import { similarPairs } from './similar.ts'
import { leakThreshold } from './split.ts'
import { fold } from './text.ts'
import { problemsOf } from './validate.ts'

export interface LintFinding {
  /** 1-based line of the golden file. */
  line: number
  message: string
}

export interface LintResult {
  rows: number
  parts: Record<'dev' | 'final' | 'none', number>
  slices: Record<string, Record<string, number>>
  /** What must be mended: rows that their own schema refuses. */
  problems: LintFinding[]
  /** What weakens the set: rows that training data gives away, doubles, parts of unequal size. */
  warnings: LintFinding[]
}

/** Checks a hand-written test set, in any form the family reads, against its own schema and, where files of training rows are given, that none stands in them. */
export async function lintGolden({ family, schema, file, training = [] }: { family: TaskFamily; schema: unknown; file: string; training?: readonly string[] }): Promise<LintResult> {
  const result: LintResult = { rows: 0, parts: { dev: 0, final: 0, none: 0 }, slices: {}, problems: [], warnings: [] }
  const golden: { line: number; text: string }[] = []
  const answers = new Map<string, { line: number; completion: string }>()
  const onBadLine = (error: InputError, line: number) => result.problems.push({ line, message: error.message })
  for await (const { line, value } of readJsonl(file, { onBadLine })) {
    let row: Row
    try {
      row = family.fromForeign(schema, value)
    } catch (error) {
      if (!(error instanceof InputError)) throw error
      result.problems.push({ line, message: error.message })
      continue
    }
    const found = rowProblems(family, schema, row)
    for (const message of found) result.problems.push({ line, message })
    if (found.length > 0) continue
    result.rows++
    result.parts[row.part ?? 'none']++
    for (const [key, name] of Object.entries(row.slice ?? {})) {
      const counts = (result.slices[key] ??= {})
      counts[name] = (counts[name] ?? 0) + 1
    }
    const question = family.userText(schema, row.instruction, row.context)
    const completion = family.completion(schema, row.output)
    const known = answers.get(question)
    if (known === undefined) answers.set(question, { line, completion })
    else if (known.completion === completion) result.warnings.push({ line, message: `the same question stands in line ${known.line} already` })
    else result.problems.push({ line, message: `line ${known.line} asks the same and answers otherwise: ${known.completion}` })
    golden.push({ line, text: fold(family.fingerprint(schema, row)) })
  }
  if (result.rows === 0 && result.problems.length === 0) result.problems.push({ line: 1, message: 'the file holds no rows' })
  if (result.parts.none > 0) result.warnings.push({ line: 1, message: `${result.parts.none} rows have no "part": "dev" or "final"` })
  else if (Math.abs(result.parts.dev - result.parts.final) > Math.max(2, result.rows / 10)) result.warnings.push({ line: 1, message: `the halves differ: ${result.parts.dev} dev and ${result.parts.final} final rows` })
  result.warnings.push(...await givenAway(family, schema, golden, training))
  return result
}

function rowProblems(family: TaskFamily, schema: unknown, row: Row): string[] {
  const problems = problemsOf(family, schema, row).map(({ rule, message }) => `${rule}: ${message}`)
  for (const output of row.accepted ?? []) problems.push(...problemsOf(family, schema, { ...row, output }).map(({ rule, message }) => `accepted answer ${output}: ${rule}: ${message}`))
  return problems
}

async function givenAway(family: TaskFamily, schema: unknown, golden: readonly { line: number; text: string }[], training: readonly string[]): Promise<LintFinding[]> {
  const places: string[] = []
  const texts: string[] = golden.map(({ text }) => text)
  for (const file of training) {
    for await (const { line, value } of readJsonl(file)) {
      const row = Row.safeParse(value)
      if (!row.success) continue
      places.push(`${file}:${line}`)
      texts.push(fold(family.fingerprint(schema, row.data)))
    }
  }
  const findings: LintFinding[] = []
  await similarPairs({ grams: gramsOf(texts), among: places.map((_, index) => golden.length + index), of: golden.map((_, index) => index), threshold: leakThreshold, onMatch(index, row, similarity) {
    findings.push({ line: golden[index]!.line, message: `${places[row - golden.length]} is trained on and reads like it (similarity ${similarity.toFixed(2)}): ${JSON.stringify(texts[row])}` })
    return false
  } })
  return findings
}
