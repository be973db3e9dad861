import { guard, mark, marked } from '../../../teacher/noise.ts'
import type { Arg, Flag, Leaf } from '../schema.ts'

// An answer names its options in the order in which the question does: a small model that reads along and writes along learns
// in half the steps what it takes to look for each option of the schema in turn.

const numberOf = (leaf: Leaf, option: Arg | Flag) => [...leaf.args, ...leaf.flags].indexOf(option)

/** A value's words, guarded, with the mark of its argument. */
export const markedValue = (leaf: Leaf, arg: Arg, words: string): string => guard(mark(numberOf(leaf, arg)) + words)

/** Words with the mark of their option behind the first one: patterns look at how a text begins and ends. */
export const markedWords = (leaf: Leaf, option: Arg | Flag, words: string): string => words.replace(/^\S*\w/, (word) => word + mark(numberOf(leaf, option)))

/** The leaf's arguments and flags as the text names them; first, in schema order, those that no word of their own names. */
export function byMention(leaf: Leaf, text: string): { args: Arg[]; flags: Flag[] } {
  const order = marked(text)
  const place = (option: Arg | Flag) => order.indexOf(numberOf(leaf, option))
  return { args: leaf.args.toSorted((a, b) => place(a) - place(b)), flags: leaf.flags.toSorted((a, b) => place(a) - place(b)) }
}
