import type { Problem } from '../family.ts'
import { ruleProblems } from './checks.ts'
import { canonical, readAnswer, written, type Answer } from './document.ts'
import { whyNotExecutable } from './dry-run.ts'
import type { WorkflowSchema } from './schema.ts'
import { toldOf } from './told.ts'

/** What is wrong with an answer by the rules of the language; a workflow that keeps them all must also run on plain tables. */
export function answerProblems(schema: WorkflowSchema, { workflow }: Answer): Problem[] {
  if (!workflow) return []
  const broken = ruleProblems(schema, workflow)
  if (broken.length > 0) return broken
  const reason = whyNotExecutable(schema, workflow)
  return reason === undefined ? [] : [{ rule: 'schema', message: `it cannot be executed: ${reason}` }]
}

/** The answer, and what is wrong with it, from its shape to its execution. */
export function checkedAnswer(schema: WorkflowSchema, output: string): { answer?: Answer; problems: Problem[] } {
  const { answer, problems } = readAnswer(output)
  return answer ? { answer, problems: answerProblems(schema, answer) } : { problems }
}

const latest = new WeakMap<WorkflowSchema, { output: string; text: string }>()

/** The canonical answer, one string for all that are written otherwise and mean it. @throws when the output does not validate */
export function completion(schema: WorkflowSchema, output: string): string {
  // A row's answer is asked for several times in a row, and each time executed.
  const known = latest.get(schema)
  if (known?.output === output) return known.text
  const { answer, problems } = checkedAnswer(schema, output)
  if (!answer || problems.length > 0) throw new Error(problems[0]!.message)
  const text = written(canonical(schema, answer))
  latest.set(schema, { output, text })
  return text
}

/** Answers in words, by what they answer: "question" for what is told about the language, the replies by their names. */
export function repliesOf(schema: WorkflowSchema): { name: string; text: string }[] {
  return [...toldOf(schema).map(({ text }) => ({ name: 'question', text })), ...Object.entries(schema.replies).map(([name, { text }]) => ({ name, text }))]
}

const plain = (text: string) => text.toLowerCase().replace(/[^a-z0-9]+/g, ' ').trim()

export const sameWords = (a: string, b: string): boolean => plain(a) === plain(b)
/** Do the words stand in the text, in their order and nothing between them? */
export const holdsWords = (text: string, words: string): boolean => ` ${plain(text)} `.includes(` ${plain(words)} `)

/** What a reply in words is for; undefined for workflows and for words that the language does not have. */
export function clarificationCase(schema: WorkflowSchema, output: string): string | undefined {
  const { answer } = readAnswer(output)
  return answer?.response === undefined ? undefined : repliesOf(schema).find(({ text }) => sameWords(text, answer.response))?.name
}
