import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { packageRoot } from '../../../../src/paths.ts'
import { checkAnswer, type CommandAnswer } from '../../../../src/tasks/cli/answer.ts'
import { parse } from '../../../../src/tasks/cli/parse.ts'
import { leaves, type Arg, type CliSchema } from '../../../../src/tasks/cli/schema.ts'

export const real = (name: string): CliSchema => {
  const file = `schemas/${name}.yaml`
  return parse({ name, file, text: readFileSync(join(packageRoot, file), 'utf8') })
}

export const small = parse({
  name: 'hub',
  file: 'schemas/hub.yaml',
  text: `
cli_name: hub
description: Work with a hub
context:
  git.current_branch: {type: string}
  git.current_pr: {type: integer}
  git.dirty: {type: boolean}
commands:
  - name: pr
    description: Manage pull requests
    subcommands:
      - name: list
        description: List pull requests
        args:
          - {name: limit, type: integer, default: 30, short: L}
          - {name: state, type: enum, values: [open, closed, all], default: open, short: s, value_synonyms: {all: [every]}}
          - {name: label, repeatable: true, short: l, format: label}
          - {name: author, short: A, format: user}
        flags:
          - {name: web, short: w}
          - {name: draft, short: d}
      - name: view
        description: View a pull request
        args: [{name: number, type: integer, positional: true, context: git.current_pr}]
        flags: [{name: web, short: w}]
      - name: close
        description: Close a pull request
        args: [{name: number, type: integer, positional: true, required: true}, {name: comment, short: c, format: text}]
  - name: browse
    description: Open the repository in the browser
    args: [{name: path, positional: true, format: path}]
`,
})

const text = fc.oneof(
  fc.stringMatching(/^[a-zA-Z0-9_./@:=,-]{1,20}$/),
  fc.string({ minLength: 1, maxLength: 30, unit: 'grapheme' }),
  fc.constantFrom('-x', '--web', '--', '-', "it's", 'a b', 'a,b', '"q"', '$(rm -rf /)', '`x`', 'a\nb', '~', '#1', '=x', '*', ' a ', ',', '\\'),
)

function value(arg: Arg): fc.Arbitrary<string | number> {
  if (arg.type === 'integer') return fc.integer()
  if (arg.type === 'enum') return fc.constantFrom(...arg.values!)
  return arg.pattern === undefined ? text : fc.oneof(fc.stringMatching(new RegExp(arg.pattern)), text)
}

/** Commands that the schema allows, with values of all kinds. */
export function anyCommand(schema: CliSchema): fc.Arbitrary<CommandAnswer> {
  return fc
    .constantFrom(...leaves(schema))
    .chain((leaf) => {
      const args = leaf.args.map((arg) => {
        const one: fc.Arbitrary<any> = arg.repeatable ? fc.uniqueArray(value(arg), { minLength: 1, maxLength: 3 }) : value(arg)
        return arg.required ? one : fc.option(one, { nil: undefined, freq: 1 })
      })
      return fc.record({ args: fc.tuple(...args), flags: fc.subarray(leaf.flags.map(({ name }) => name)) }).map(({ args, flags }): CommandAnswer => {
        const named = leaf.args.map((arg, i) => [arg.name, args[i]] as const).filter(([, item]) => item !== undefined)
        return { type: 'command', command: leaf.command, subcommand: leaf.subcommand, args: Object.fromEntries(named), flags }
      })
    })
    .filter((answer) => checkAnswer(schema, answer).length === 0)
}

export const command = (command: string, subcommand: string | null, args: Record<string, unknown> = {}, flags: string[] = []) => JSON.stringify({ type: 'command', command, subcommand, args, flags })
export const asked = (message: string, ...paths: string[]) =>
  JSON.stringify({ type: 'clarification', message, suggestions: paths.map((path) => ({ label: path, command: path.split(' ')[0], subcommand: path.split(' ')[1] ?? null })) })
