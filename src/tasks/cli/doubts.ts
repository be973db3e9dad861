import { escapeRegExp } from '../../text.ts'
import { claimedTwice } from '../claimed.ts'
import { doubtWeight } from '../doubt-weight.ts'
import { literals } from '../literals.ts'
import { numbersIn } from '../numbers.ts'
import { strangeWords } from '../strange-words.ts'
import { checkAnswer, readAnswer, type CommandAnswer } from './answer.ts'
import { lexicon } from './lexicon.ts'
import { type CliSchema, findLeaf, type Leaf, leaves, synonymsOf, wordingsOf } from './schema.ts'
import { stands } from './values.ts'

/** Argument values of an answer that stand nowhere in the user's text (instruction and context as rendered). */
export function invented(schema: CliSchema, answer: CommandAnswer, text: string): { name: string; value: string | number }[] {
  const { args } = findLeaf(schema, answer.command, answer.subcommand)!
  return args.flatMap((arg) => {
    const values = Object.hasOwn(answer.args, arg.name) ? [answer.args[arg.name]!].flat() as (string | number)[] : []
    return values.filter((value) => !stands(arg, value, text)).map((value) => ({ name: arg.name, value }))
  })
}

/**
 * What speaks against an answer, as far as the user's text tells, in nats. Certainly wrong are values that nobody said, values that were
 * said and are in no argument, names that took the sentence's full stop along, anything given twice, and what the schema forbids in ways
 * that a grammar cannot say; options that the text names and the answer has not, or the other way round, and strange words that no argument
 * holds, mostly are.
 * 0: nothing.
 */
export function doubts(schema: CliSchema, completion: string, text: string): number {
  const { answer } = readAnswer(completion)
  if (!answer) return Infinity
  if (answer.type !== 'command') return 0
  const leaf = findLeaf(schema, answer.command, answer.subcommand)
  if (!leaf) return Infinity
  const instruction = text.split('\n')[0]!
  const certain = checkAnswer(schema, answer).length + twice(answer, completion) + invented(schema, answer, text).length + overlooked(schema, leaf, answer, instruction).length + claimedTwice(copied(leaf, answer), text).length + withFullStop(answer, instruction).length
  const likely = passedOver(leaf, answer, instruction).length + unsaid(leaf, answer, instruction).length + unexplained(schema, answer, instruction).length
  return doubtWeight.certain * certain + doubtWeight.likely * likely
}

/** How many lists hold an item twice; of a key that comes twice only the last is read. */
const twice = (answer: CommandAnswer, completion: string): number =>
  [answer.flags, ...Object.values(answer.args)].filter((list) => Array.isArray(list) && new Set<string | number>(list).size < list.length).length + (JSON.stringify(answer).length === completion.trim().length ? 0 : 1)

const valuesOf = ({ args }: CommandAnswer): string[] => Object.values(args).flat().map(String)

/** What the instruction names that can only be a value (quoted text, a number, a path, a version), and no argument holds; an answer leaves defaults out. */
function overlooked(schema: CliSchema, leaf: Leaf, answer: CommandAnswer, instruction: string): string[] {
  const values = [...valuesOf(answer), ...leaf.args.flatMap(({ default: value }) => value ?? [])]
  return literals(instruction).filter((literal) => !values.some((value) => value.includes(literal) || numbersIn(literal).has(Number(value))) && !ownWords(schema).includes(literal.toLowerCase()))
}

const isIn = (answer: CommandAnswer) => ({ arg, name }: Choice) => (arg ? [answer.args[arg]].flat().includes(name) : answer.flags.includes(name))

/** Flags, and values of enums, by whose words the instruction names them; but for those that the answer has. */
function passedOver(leaf: Leaf, answer: CommandAnswer, instruction: string): Choice[] {
  const has = isIn(answer)
  const [there, others] = [choices(leaf).filter(has), choices(leaf).filter((choice) => !has(choice))]
  // One word may stand for two of them, and a value may look like one.
  let rest = instruction
  for (const value of valuesOf(answer).sort((a, b) => b.length - a.length)) rest = rest.replace(new RegExp(`(?<!\\w)${escapeRegExp(value)}(?!\\w)`, 'gi'), ' ')
  for (const { words } of there) if (words) rest = rest.replace(words, ' ')
  return others.filter(({ words }) => words && rest.search(words) >= 0)
}

/** Flags and values of enums that the answer has, and no word of the instruction may be meant for. (Of 3,800 flags in 12,000 offline rows 31 are so misspelt.) */
function unsaid(leaf: Leaf, answer: CommandAnswer, instruction: string): Choice[] {
  const said = [...stemsIn(instruction), ...instruction.match(/(?<=\s)-[A-Za-z0-9]\b/g) ?? []]
  return choices(leaf).filter(isIn(answer)).filter(({ stems }) => !said.some((stem) => stems.has(stem)))
}

/** A flag, or a value of the enum `arg`. */
interface Choice {
  arg?: string
  name: string
  /** What names it and nothing else; undefined where there is none such. */
  words: RegExp | undefined
  /** Beginnings of all words by which it may be meant. */
  stems: Set<string>
}

const particles = new Set('the an of to in on for with by from and or is are be that this it its my me as at not no do all only also up'.split(' '))
const stemsIn = (text: string): string[] => (text.toLowerCase().match(/[a-z]{2,}/g) ?? []).filter((word) => !particles.has(word)).map((word) => word.slice(0, 4))

const choicesOf = new WeakMap<Leaf, Choice[]>()

function choices(leaf: Leaf): Choice[] {
  let found = choicesOf.get(leaf)
  if (!found) {
    // "merge" asks for the command, and "stars" may name the argument, not what to sort by.
    const own = new Set([leaf.command, leaf.subcommand, ...leaf.synonyms, ...leaf.parent.synonyms, ...leaf.args.flatMap(({ name, synonyms }) => [name, ...synonyms])])
    const named = (names: string[]) => {
      const words = names.flatMap((name) => [name, name.replaceAll('-', ' ')]).filter((name) => /\w./.test(name) && !own.has(name))
      return words.length ? new RegExp(`(?<![\\w-])(?<!\\b(?:no|not|never|without) )(?<!n't )(?:--)?(?:${words.map(escapeRegExp).join('|')})(?![\\w-])`, 'gi') : undefined
    }
    const stems = (short: string | undefined, ...names: string[]) => new Set([...names.flatMap(stemsIn), ...(short ? [`-${short}`] : [])])
    const saying = (what: string) => leaf.phrases.filter((phrase) => new RegExp(`${escapeRegExp(what)}(?![\\w-])`).test(phrase))
    found = [
      ...leaf.flags.map((flag) => ({ name: flag.name, words: named([flag.name, ...flag.synonyms, ...flag.adjectives]), stems: stems(flag.short, flag.name, ...flag.synonyms, ...flag.adjectives, ...saying(`--${flag.name}`)) })),
      ...leaf.args.flatMap((arg) => (arg.type === 'enum' ? arg.values! : []).filter((value) => value !== arg.default).map((value) =>
        ({ arg: arg.name, name: value, words: named([value, ...synonymsOf(arg, value)]), stems: stems(arg.short, value, ...synonymsOf(arg, value), ...saying(`${arg.name}=${value}`)) }))),
    ]
    choicesOf.set(leaf, found)
  }
  return found
}

/** Names that hold the mark at the sentence's end; of free text it may be a part. */
const withFullStop = (answer: CommandAnswer, instruction: string): string[] => valuesOf(answer).filter((value) => /^\S*\w[.,;!?]$/.test(value) && instruction.trimEnd().endsWith(value))

/** Enums are understood, not copied; nor is what a synonym means. */
const copied = ({ args }: Leaf, answer: CommandAnswer): string[] =>
  args.filter((arg) => arg.type !== 'enum' && Object.hasOwn(answer.args, arg.name)).flatMap((arg) => [...new Set([answer.args[arg.name]!].flat().map(String))].filter((value) => !Object.hasOwn(arg.value_synonyms, value)))

function unexplained(schema: CliSchema, answer: CommandAnswer, instruction: string): string[] {
  const values = valuesOf(answer).map((value) => value.toLowerCase())
  return strangeWords(lexicon(schema), instruction).filter((word) => !values.some((value) => value.includes(word)))
}

const cached = new WeakMap<CliSchema, string>()

/** All words and phrases of the schema: "github.com" may be how a flag is asked for. */
function ownWords(schema: CliSchema): string {
  let words = cached.get(schema)
  if (words === undefined) {
    words = leaves(schema).flatMap((leaf) => [...wordingsOf(leaf), ...leaf.parent.phrases]).join('\n').toLowerCase()
    cached.set(schema, words)
  }
  return words
}
