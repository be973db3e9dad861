import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { cli } from '../../../../src/tasks/cli/index.ts'
import { parse } from '../../../../src/tasks/cli/parse.ts'

const schema = parse({ name: 'gh', file: 'gh.yaml', text: readFileSync('schemas/gh.yaml', 'utf8') })
const command = JSON.stringify({ type: 'command', command: 'pr', subcommand: 'list', args: {}, flags: [] })

test.each([
  ['list prs with the lbael urgent', 'list prs with the label urgent'],
  ['reopwn 12\nrepo_owner=acme', 'reopen 12\nrepo_owner=acme'],
  ['Show workflws of "lbael"', 'Show workflows of "lbael"'],
])('%j may have been meant as %j', (text, meant) => expect(cli.otherReading!(schema, text, command)).toBe(meant))

test.each([
  ['words that are right, in any number', 'show pulls, issues and releases'],
  ['numbers in words', 'list three prs'],
  ['what is quoted, and names', 'view "lbael" on acme/lbael or lbael-1'],
  ['words that could be several', 'the stae of it'],
])('%s: nothing to put right', (_what, text) => expect(cli.otherReading!(schema, text, command)).toBeUndefined())

test('an answer that asks which word was meant needs no other reading', () => {
  const asked = cli.completion(schema, JSON.stringify({ type: 'clarification', message: 'Did you mean login or logout?', suggestions: [{ label: 'x', command: 'auth', subcommand: 'login' }, { label: 'y', command: 'auth', subcommand: 'logout' }] }))
  expect(cli.otherReading!(schema, 'reopwn 12', asked)).toBeUndefined()
})
