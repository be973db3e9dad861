import type { Row } from '../../dataset/row.ts'
import type { Brief, TaskFamily } from '../../tasks/family.ts'
import type { Answer } from '../ledger.ts'

const whyNone: Record<string, string> = {
  refusal: 'the teacher refused to write it',
  max_tokens: 'its answer was longer than a call may be',
  too_long: 'the endpoint went on without end',
}

/** One row a brief, in the order of the briefs. What cannot be read is a row whose output says so, for validation to reject and count. */
export function rowsOf(family: TaskFamily, schema: unknown, briefs: Brief[], answer: Answer): Row[] {
  const none = whyNone[answer.stop]
  if (none) return briefs.map((brief) => unreadable(brief, none))
  const document = findJson(answer.text)
  if (document === undefined) return briefs.map((brief) => unreadable(brief, 'the answer is not JSON'))
  const read = family.fromTeacher(schema, briefs, Array.isArray(document) ? { examples: document } : document)
  const lost = read.find((entry) => !entry.brief && entry.problems.length)?.problems[0]?.message
  return briefs.map((brief) => {
    const entry = read.find((candidate) => candidate.brief === brief)
    if (!entry?.row) return unreadable(brief, entry?.problems[0]?.message ?? (lost ? `the answer has none that can be read (${lost})` : 'the answer has none'))
    const row: Row = { ...entry.row, id: brief.key, slice: brief.slice, source: 'anthropic' }
    return entry.problems.length ? { ...row, output: `not as asked for: ${entry.problems[0]!.message}; ${row.output}` } : row
  })
}

const unreadable = (brief: Brief, why: string): Row => ({ id: brief.key, instruction: '(no example)', context: null, output: `no example: ${why}`, slice: brief.slice, source: 'anthropic' })

/** The document in an answer, with or without prose or a code fence around it. */
export function findJson(text: string): unknown {
  const fenced = /```(?:json)?\s*\n([\s\S]*?)\n\s*```/.exec(text)?.[1]
  for (const candidate of [text, fenced, between(text, '{', '}'), between(text, '[', ']')]) {
    if (candidate === undefined) continue
    try {
      const value: unknown = JSON.parse(candidate)
      if (typeof value === 'object' && value !== null) return value
    } catch {
      // The next reading may succeed.
    }
  }
  return undefined
}

function between(text: string, open: string, close: string): string | undefined {
  const from = text.indexOf(open)
  const to = text.lastIndexOf(close)
  return from >= 0 && to > from ? text.slice(from, to + 1) : undefined
}
