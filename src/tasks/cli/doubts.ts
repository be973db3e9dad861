import { checkAnswer, readAnswer, type CommandAnswer } from './answer.ts'
import { findLeaf, type CliSchema } from './schema.ts'
import { numbersIn, stands } from './values.ts'

/** Argument values of an answer that stand nowhere in the user's text (instruction and context as rendered). */
export function invented(schema: CliSchema, answer: CommandAnswer, text: string): { name: string; value: string | number }[] {
  const { args } = findLeaf(schema, answer.command, answer.subcommand)!
  return args.flatMap((arg) => {
    const values = Object.hasOwn(answer.args, arg.name) ? [answer.args[arg.name]!].flat() as (string | number)[] : []
    return values.filter((value) => !stands(arg, value, text)).map((value) => ({ name: arg.name, value }))
  })
}

/**
 * How much of an answer cannot be right, as far as the user's text tells: values that nobody said, values that were said and are in no
 * argument, a key given twice, and what the schema forbids in ways that a grammar cannot say. 0: nothing.
 */
export function doubts(schema: CliSchema, completion: string, text: string): number {
  const { answer } = readAnswer(completion)
  if (!answer) return Infinity
  if (answer.type !== 'command') return 0
  const problems = checkAnswer(schema, answer).length
  if (problems) return problems
  // Of a key that comes twice only the last is read.
  const twice = JSON.stringify(answer) === completion ? 0 : 1
  return twice + invented(schema, answer, text).length + overlooked(schema, answer, text).length
}

/** What the instruction names that can only be a value (quoted text, a number, a path, a version), and no argument holds. */
function overlooked(schema: CliSchema, answer: CommandAnswer, text: string): string[] {
  const values = Object.values(answer.args).flat().map(String)
  return literals(text.split('\n')[0]!).filter((literal) => !values.some((value) => value.includes(literal) || numbersIn(literal).has(Number(value))) && !ownWords(schema).includes(literal.toLowerCase()))
}

function literals(instruction: string): string[] {
  const found: string[] = []
  const unquoted = instruction.replace(/"([^"]+)"|`([^`]+)`|\B'([^']+)'\B/g, (_all, ...texts: (string | undefined)[]) => {
    found.push(texts.slice(0, 3).find((text) => text !== undefined)!)
    return ' '
  })
  for (const [word] of unquoted.matchAll(/\S+/g)) {
    const core = word.replace(/^--?[\w-]+=|^[(#[@:,;]+|[),.:;!?\]]+$/g, '')
    if (/\d/.test(core) || /\w[/_.@:=]\w/.test(core)) found.push(core)
  }
  return found
}

const cached = new WeakMap<CliSchema, string>()

/** All words and phrases of the schema: "github.com" may be how a flag is asked for. */
function ownWords(schema: CliSchema): string {
  let words = cached.get(schema)
  if (words === undefined) {
    words = [...JSON.stringify(schema).matchAll(/"(?:[^"\\]|\\.)*[a-z](?:[^"\\]|\\.)*"/gi)].join('\n').toLowerCase()
    cached.set(schema, words)
  }
  return words
}
