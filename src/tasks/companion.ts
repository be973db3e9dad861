import type { Companion, TaskFamily } from './family.ts'

/** What a dataset renders for a trainer. */
export type Lessons = Pick<TaskFamily, 'userText' | 'systemText' | 'target' | 'copiedValues' | 'pieces'>

/** A companion's answer: {"intent":"retry"}. */
export const labelText = ({ name }: Companion, label: string | null): string => JSON.stringify({ [name]: label })

/** The rows as a companion learns them. Each of its answers is a piece, so that a model from scratch says it in one token. */
export function companionLessons({ userText }: Pick<TaskFamily, 'userText'>, companion: Companion): Lessons {
  return {
    userText,
    systemText: () => companion.systemText,
    target: (_schema, output) => labelText(companion, companion.labelOf(output)),
    // No value stands in a label.
    copiedValues: () => [],
    pieces: () => [...companion.labels, null].map((label) => labelText(companion, label)),
  }
}
