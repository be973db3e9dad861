import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Row } from '../../../../src/dataset/row.ts'
import { clarification, clarificationCases, completion, target } from '../../../../src/tasks/cli/completion.ts'
import { copiedValues } from '../../../../src/tasks/cli/copied-values.ts'
import { fromForeign } from '../../../../src/tasks/cli/foreign.ts'
import { cli } from '../../../../src/tasks/cli/index.ts'
import { nearMisses } from '../../../../src/tasks/cli/near-misses.ts'
import { pieces, segment } from '../../../../src/tasks/cli/pieces.ts'
import { askable, leaves } from '../../../../src/tasks/cli/schema.ts'
import { score } from '../../../../src/tasks/cli/score.ts'
import { userText } from '../../../../src/tasks/cli/user-text.ts'
import { validate } from '../../../../src/tasks/cli/validate.ts'
import { anyCommand, asked, command, real, small } from './fixtures.ts'

const row = (instruction: string, output: string, more: Partial<Row> = {}): Row => ({ instruction, context: null, output, ...more })
const list = (args: Record<string, unknown>, flags: string[] = []) => command('pr', 'list', args, flags)

describe('the canonical completion', () => {
  test('has schema order and neither defaults nor confidence', () => {
    const given = '{"confidence":0.9,"flags":["draft","web","draft"],"args":{"label":["b","a","b"],"state":"open","limit":5},"subcommand":"list","command":"pr","type":"command"}'
    expect(completion(small, given)).toBe('{"type":"command","command":"pr","subcommand":"list","args":{"limit":5,"label":["b","a"]},"flags":["web","draft"]}')
  })
  test('of a clarification has the sentence of its case and suggestions in schema order', () => {
    expect(JSON.parse(completion(small, asked('?', 'pr close', 'pr list', 'pr view'))).suggestions.map((s: any) => s.label)).toEqual(['List pull requests', 'View a pull request', 'Close a pull request'])
    expect(completion(small, asked('Sorry, I can only help with hub.'))).toContain('That is outside of what hub can do')
    expect(completion(small, asked('Which pull request?', 'pr close'))).toContain('Which number do you mean?')
  })
  test('of a clarification tells its case', () => {
    for (const [kind, paths] of [['off_topic', []], ['unclear', []], ['missing_required', [3]], ['ambiguous', [0, 1, 2]], ['multiple', [0, 3]], ['typo_ambiguity', [0, 3]]] as const) {
      expect(cli.clarificationCase!(small, JSON.stringify(clarification(small, kind, paths.map((at) => leaves(small)[at]!))))).toBe(kind)
    }
    expect(cli.clarificationCase!(small, list({}))).toBeUndefined()
  })
  test('is its own completion', () => {
    fc.assert(fc.property(anyCommand(small), (answer) => {
      const once = completion(small, JSON.stringify(answer))
      expect(completion(small, once)).toBe(once)
    }))
    for (const kind of clarificationCases) {
      const suggested = { unclear: 0, off_topic: 0, missing_required: 1, ambiguous: 3, multiple: 2, typo_ambiguity: 2 }[kind]
      const text = JSON.stringify(clarification(small, kind, leaves(small).slice(0, suggested)))
      expect(completion(small, text)).toBe(text)
    }
  })
})

test.each([
  ['Which pod? Pod, or TYPE/NAME of what has pods', 'pod'],
  ['Which command? Command with its arguments', 'command'],
  ['What command should I run in the pod?', 'command'],
  ['Tell me more', 'pod'],
  ['Which command do you mean?', 'command'],
])('of two required arguments the question back is about the one that is missing: %s', (message, name) => {
  expect(JSON.parse(target(real('kubectl'), asked(message, 'exec'))).message).toBe(`Which ${name} do you mean?`)
})

test('a command that is not sure stands among what else the question may mean', () => {
  const gh = real('gh')
  const named = (completion: string, question: string) => cli.alternatives!(gh, completion, question).map(({ command, subcommand }) => `${command} ${subcommand ?? ''}`.trim())
  expect(named(command('pr', 'list'), 'review of the code')).toEqual(['pr list', 'pr review', expect.any(String)])
  expect(named(command('pr', 'list'), 'xyzzy')).toEqual(['pr list'])
  expect(named(asked('?', 'pr view'), 'view it')).toEqual([])
})

describe('what is trained on', () => {
  test('is the canonical answer with arguments and flags in the order in which the output has them', () => {
    expect(target(small, list({ label: ['b', 'a', 'b'], state: 'open', limit: 5 }, ['draft', 'web', 'draft']))).toBe('{"type":"command","command":"pr","subcommand":"list","args":{"label":["b","a"],"limit":5},"flags":["draft","web"]}')
    expect(completion(small, target(small, list({ label: ['b'], limit: 5 })))).toBe(completion(small, list({ limit: 5, label: ['b'] })))
  })
  test('has one form for a clarification', () => expect(target(small, asked('?', 'pr close', 'pr list'))).toBe(completion(small, asked('?', 'pr list', 'pr close'))))
  test('and what is put against it stand in the same order: a preference is no question of order', () => {
    const misses = nearMisses(small, row('x', list({ label: ['b'], limit: 5 }, ['draft', 'web'])), 1).map((text) => JSON.parse(text)).filter(({ args, flags }) => args?.label && args.limit && flags.length === 2)
    expect(misses.length).toBeGreaterThan(0)
    for (const { args, flags } of misses) expect([Object.keys(args), flags]).toEqual([['label', 'limit'], ['draft', 'web']])
  })
})

test.each(['gh', 'kubectl'])('greedy longest match leaves only values over in %s', (name) => {
  const schema = real(name)
  const known = pieces(schema)
  fc.assert(fc.property(anyCommand(schema), (answer) => {
    const text = target(schema, JSON.stringify({ ...answer, args: Object.fromEntries(Object.entries(answer.args).reverse()) }))
    const left = segment(text, known).filter((part) => !part.piece)
    const values = [...Object.values(JSON.parse(text).args)].flat().map((value) => JSON.stringify(String(value)).slice(1, -1)).join('\n')
    for (const part of left) expect(values, `${part.text} in ${text}`).toContain(part.text)
  }))
  for (const leaf of leaves(schema)) {
    for (const arg of [undefined, ...askable(leaf)]) {
      const text = JSON.stringify(clarification(schema, 'missing_required', [leaf], arg))
      expect(segment(text, known).map((part) => part.piece)).toEqual([true, true, true])
    }
  }
})

describe('the score', () => {
  const text = 'list 5 pulls labelled bug or infra by octocat'
  const truth = row(text, list({ limit: 5, label: ['bug', 'infra'], author: 'octocat' }))
  test.each([
    [list({ limit: 5, label: ['infra', 'bug'], author: 'octocat', state: 'open' }), undefined],
    ['{"type":', 'not JSON'],
    ['{"type":"command"}', 'not JSON'],
    [asked('?'), 'should not have asked'],
    [command('pr', 'view', { number: 5 }), 'wrong command'],
    [list({ limit: 5, author: 'octocat' }), 'missing argument'],
    [list({ limit: 5, label: ['bug', 'infra'], author: 'octocat', state: 'all' }), 'unexpected argument'],
    [list({ limit: '5', label: ['bug', 'infra'], author: 'octocat' }), 'type error'],
    [list({ limit: 5, label: ['bug', 'infra'], author: 'octoca' }), 'value error: copied wrong'],
    [list({ limit: 5, label: ['bug', 'infra'], author: 'monalisa-w' }), 'value error: invented'],
    [list({ limit: 5, label: ['bug', 'infra'], author: 'octocat' }, ['web']), 'wrong flag'],
  ])('%s', (predicted, error) => {
    expect(score(small, predicted, truth)).toMatchObject({ equivalent: error === undefined, ...(error && { error }) })
  })
  test('names what went wrong with questions', () => {
    const off = row('weather?', asked('outside'), { slice: { case: 'off_topic' } })
    expect(score(small, list({}), off).error).toBe('off-topic answered')
    expect(score(small, list({}), row('close it', asked('Which?', 'pr close'))).error).toBe('should have asked')
    expect(score(small, asked('other words', 'pr close'), row('close it', asked('Which?', 'pr close'))).equivalent).toBe(true)
    expect(score(small, asked('Which?', 'pr view'), row('close it', asked('Which?', 'pr close'))).error).toBe('wrong suggestions')
    expect(score(small, command('pr', 'close', { comment: 'x' }), row('close 5', command('pr', 'close', { number: 5 }))).error).toBe('missing required')
    expect(score(small, list({ state: 'closed' }), row('all prs', list({ state: 'all' }))).error).toBe('value error: not normalised')
  })
  test('is never laxer than the command: case and punctuation of values count, accepted answers too', () => {
    const path = row('browse ./a', command('browse', null, { path: './a' }), { accepted: [command('pr', 'list')] })
    expect(score(small, command('browse', null, { path: 'a' }), path).equivalent).toBe(false)
    expect(score(small, list({}), path).equivalent).toBe(true)
  })
})

describe('validation', () => {
  const context = { git: { current_pr: 7, current_branch: 'fix/x' } }
  test.each<[Row, string[]]>([
    [row('list five prs', list({ limit: 5 })), []],
    [row('a dozen prs', list({ limit: 12 })), []],
    [row('a hundred and twenty', list({ limit: 120 })), []],
    [row('my prs', list({ author: '@me' })), []],
    [row('close it', command('pr', 'close', { number: 7 }), { context }), []],
    [row('prs \u201cgood first\u201d', list({ label: ['good first'] })), []],
    [row('close it', command('pr', 'close', { number: 8 }), { context }), ['value']],
    [row('prs by bob', list({ author: 'alice' })), ['value']],
    [row('close', command('pr', 'close')), ['required']],
    [row('x', 'no'), ['json']],
    [row('x', '{"type":"command"}'), ['shape', 'shape', 'shape']],
    [row('x', JSON.stringify({ ...JSON.parse(list({})), confidence: 1.5 })), ['shape']],
    [row('x', command('pr', 'merge')), ['schema']],
    [row('x', list({ lable: ['x'] })), ['schema']],
    [row('x', list({ limit: 1.5 })), ['type']],
    [row('x', list({ state: 'opened' })), ['type']],
    [row('x', list({ label: 'x' })), ['type']],
    [row(' ', list({})), ['shape']],
    [row('x'.repeat(2_001), list({})), ['shape']],
    [row('a\0b', list({})), ['shape']],
    [row('a\ud800', list({})), ['shape']],
    [row('x', list({}), { context: { git: { current_pr: 'seven' } } }), ['context']],
  ])('%j', (given, rules) => {
    expect(validate(small, given).map((problem) => problem.rule)).toEqual(rules)
  })
  test('of options that exclude each other at most one is allowed', () => {
    const gh = real('gh')
    const merge = (...flags: string[]) => validate(gh, row('merge 7', command('pr', 'merge', { number: 7 }, flags))).map((problem) => problem.message)
    expect(merge('squash', 'delete-branch')).toEqual([])
    expect(merge('squash', 'rebase')).toEqual(['"pr merge" takes only one of "squash" and "rebase", found both'])
    expect(validate(gh, row('secrets of acme in env prod', command('secret', 'list', { org: 'acme', env: 'prod' }))).map((problem) => problem.message)).toEqual(['"secret list" takes only one of "org" and "env", found both'])
  })
  test('a prototype key is no argument', () => {
    expect(validate(small, row('x', '{"type":"command","command":"pr","subcommand":"list","args":{"__proto__":1,"constructor":2},"flags":[]}')).length).toBeGreaterThan(0)
  })
})

test('user text is one form for all ways to type the same, with the context that an argument can be filled from', () => {
  const context = { git: { current_pr: 7, dirty: false, secret: 'x', current_branch: null } }
  expect(userText(small, '  show\u00a0\u201cthis\u201d \u2014 pls\n', context)).toBe('show "this" - pls\ncurrent_pr=7')
  expect(userText(small, 'hi', null)).toBe('hi')
})

test.each([
  ['SHOW ME MY OPEN PRS', 'show me my open prs'],
  ["I DON'T WANT PR 12 FROM bob, MERGE IT", "i don't want pr 12 from bob, merge it"],
  ['SET SECRET API_KEY FOR octo/REPO TO "NEW VALUE"', 'set secret API_KEY for octo/REPO to "NEW VALUE"'],
  ['show PR 12', 'show PR 12'],
  ['label it UX and API', 'label it UX and API'],
  ['LGTM', 'LGTM'],
])('a request in capitals is read as one in small letters: %s', (typed, read) => expect(userText(small, typed, null)).toBe(read))

test('copied values stand as whole words in the input and only as values in the answer', () => {
  const given = row('12 prs by list labelled bug, "good first" not in the list', list({ limit: 12, author: 'list', label: ['bug', 'good first', 'hidden'] }))
  expect(copiedValues(small, given)).toEqual([{ value: '12', kind: 'number' }, { value: 'bug', kind: 'label' }, { value: 'good first', kind: 'label' }])
})

test('near-misses are allowed, never right, different, and the same for the same salt', () => {
  fc.assert(fc.property(anyCommand(small), fc.nat(), (answer, salt) => {
    const given = row('do it for bob', JSON.stringify(answer))
    const misses = nearMisses(small, given, salt)
    expect(misses.length).toBeGreaterThan(0)
    expect(new Set(misses).size).toBe(misses.length)
    for (const miss of misses) expect(score(small, miss, given)).toMatchObject({ allowed: true, equivalent: false })
    expect(nearMisses(small, given, salt)).toEqual(misses)
  }), { numRuns: 50 })
  for (const output of [asked('?'), asked('?', 'pr close'), asked('?', 'pr list', 'pr view')]) expect(nearMisses(small, row('x', output), 1).length).toBeGreaterThan(0)
})

test('rows are read in the forms people have', () => {
  const output = { type: 'command', command: 'pr', subcommand: 'view', args: { number: 5 }, flags: [] }
  for (const record of [{ instruction: 'see 5', command: 'hub pr view 5' }, { question: 'see 5', answer: 'pr view 5', id: 7, source: 'a manual' }, { input: 'see 5', output }, { instruction: 'see 5', output: JSON.stringify(output) }]) {
    const read = fromForeign(small, record)
    expect(read.instruction).toBe('see 5')
    expect(JSON.parse(read.output)).toMatchObject(output)
  }
  const metadata = { git: { current_pr: 5 } }
  for (const answer of [{ expected_workflow: output }, { expected_response: 'pr view 5' }, { expected_workflow: null, expected_response: JSON.stringify(output) }]) {
    const read = fromForeign(small, { input: 'see it', metadata, ...answer })
    expect(read).toMatchObject({ instruction: 'see it', context: metadata })
    expect(JSON.parse(read.output)).toMatchObject(output)
  }
  expect(fromForeign(small, { input: 'see 5', expected_workflow: output, metadata: 'easy' }).context).toBeNull()
  expect(fromForeign(small, { instruction: 'see 5', output, metadata }).context).toBeNull()
  expect(() => fromForeign(small, { text: 'x' })).toThrow(/found the keys \["text"\]/)
})
