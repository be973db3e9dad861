import type { Row } from '../dataset/row.ts'
import { longestQuestion } from '../inference/predictor.ts'
import type { PromptTemplate } from '../inference/template.ts'

interface Question extends Pick<Row, 'instruction' | 'context'> {
  what: string
}

const words = (characters: number) => 'word '.repeat(Math.ceil(characters / 5)).slice(0, characters)
const controls = '\u0000\u0007\u001b[2J\u202e'

/** Questions that a service gets all the same, made of a good one. Where a kind of task has its matter in the context, that is spoilt too. */
export function badQuestions({ instruction, context }: Pick<Row, 'instruction' | 'context'>, template: PromptTemplate): Question[] {
  const spoilt = (change: (text: string) => string): Row['context'] => JSON.parse(JSON.stringify(context), (_key, value: unknown) => (typeof value === 'string' ? change(value) : value))
  return [
    { what: 'empty', instruction: '', context },
    { what: 'nothing but white space', instruction: ' \n\t ', context },
    ...[longestQuestion - 1, longestQuestion + 1_000].map((characters) => ({ what: `${characters.toLocaleString('en')} characters`, instruction: words(characters), context })),
    { what: 'control characters', instruction: `${controls}${instruction}${controls}`, context },
    { what: 'half a character (a lone surrogate)', instruction: `\ud83d${instruction}`, context },
    { what: 'no words', instruction: '🙂'.repeat(50), context },
    { what: "the prompt's own special tokens", instruction: [template.prefix, instruction, template.suffix, template.eos].join(''), context },
    ...(context === null ? [] : [
      { what: 'a context of control characters', instruction, context: spoilt(() => controls) },
      { what: 'a far too long context', instruction, context: spoilt((text) => text + words(20_000)) },
      { what: 'a context of another shape', instruction, context: { unknown: [1, null, {}] } },
    ]),
  ]
}
