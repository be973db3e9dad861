import type { Random } from '../../../teacher/random.ts'
import type { Arg, CliSchema } from '../schema.ts'
import { compact } from './framing.ts'
import { markedValue, markedWords } from './mentions.ts'
import type { Meaning } from './request.ts'
import type { Said } from './values.ts'
import { humanized } from './words.ts'

/** As typed in a terminal, with or without the program's name; people mix short, long and bare option names. */
export function commandLine(schema: CliSchema, meaning: Meaning, r: Random): string {
  const { leaf } = meaning
  const dashes = r.chance(0.65)
  const quoted = (said: Said, arg: Arg) => markedValue(leaf, arg, String(said.value).includes(' ') ? `"${said.value}"` : String(said.value))
  const option = (arg: Arg, said: Said) => {
    if (!dashes) return `${humanized(arg.name)} ${quoted(said, arg)}`
    return r.weighted([[`--${arg.name} ${quoted(said, arg)}`, 5], [`--${arg.name}=${quoted(said, arg)}`, 2], [`-${arg.short} ${quoted(said, arg)}`, arg.short ? 4 : 0]] as const)
  }
  const options = r.shuffle([
    ...meaning.args.filter(({ arg }) => !arg.positional).flatMap(({ arg, said }) => {
      // Other options may come between, but one option's values keep their order.
      const next = said.values()
      return said.map(() => () => option(arg, next.next().value!))
    }),
    ...meaning.flags.map((flag) => () => markedWords(leaf, flag, dashes ? r.weighted([[`--${flag.name}`, 5], [`-${flag.short}`, flag.short ? 2 : 0]] as const) : r.pick([humanized(flag.name), flag.synonyms[0] ?? flag.name]))),
    ...meaning.pointed.filter((arg) => !arg.positional).map((arg) => () => r.pick([`for the current ${humanized(arg.context!.split('.')[1]!).replace(/^(current|repo) /, '')}`, `on this ${humanized(arg.context!.split('.')[1]!).replace(/^(current|repo) /, '')}`])),
  ]).map((write) => write())
  const positionals = meaning.args.filter(({ arg }) => arg.positional).flatMap(({ arg, said }) => said.map((each) => quoted(each, arg)))
  const deictic = meaning.pointed.some((arg) => arg.positional) && r.chance(0.25) ? r.pick(['this', 'current']) : ''
  return compact(r.chance(0.4) ? schema.cli_name : '', leaf.command, leaf.subcommand ?? '', ...positionals, deictic, ...options)
}
