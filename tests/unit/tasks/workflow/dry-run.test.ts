import { describe, expect, test } from 'vitest'
import { brokenRules } from '../../../../src/tasks/workflow/checks.ts'
import type { Step, Workflow } from '../../../../src/tasks/workflow/document.ts'
import { dryRun, executesTheSame, whyNotExecutable } from '../../../../src/tasks/workflow/dry-run.ts'
import { worldsFor } from '../../../../src/tasks/workflow/tables.ts'
import { step, tamarind, workflow } from './fixtures.ts'

const same = (a: Workflow, b: Workflow) => executesTheSame(tamarind, a, b)
const filter = (condition: string) => step('filter', { condition })
const sort = (by: string, order?: string) => step('sort', { by, ...(order && { order }) })
const notify = (channel: string, conditions?: string[]) => step('notify', { channel }, conditions)
const log = (message: string) => step('log', { message })
const write = (file: string) => step('write_csv', { file })
const check = (condition: string) => step('check', { condition })
const retry = (times: number, ...steps: Step[]) => step('retry', { times, steps })
const onError = (...steps: Step[]) => step('on_error', { steps })

describe('executes the same', () => {
  test.each([
    ['two filters and one with "and"', workflow(filter('a > 5'), filter("b == 'x'")), workflow(filter("b == 'x' and a > 5"))],
    ['a filter before and after a sort', workflow(filter('a > 5'), sort('b')), workflow(sort('b'), filter('a > 5'))],
    ['a range said in two ways', workflow(filter('a >= 5 and a <= 9')), workflow(filter('a <= 9'), filter('5 <= a'))],
    ['an operator turned round and "not"', workflow(filter('a <= 5')), workflow(filter('not a > 5'))],
    ['the default written out', workflow(sort('a')), workflow(sort('a', 'asc'))],
    ['columns in another order', workflow(step('select', { columns: ['a', 'b'] })), workflow(step('select', { columns: ['b', 'a'] }))],
    ['steps that change the table in another order, where failing is handled', workflow(filter('a > 5'), sort('b'), onError(notify('#a'))), workflow(sort('b'), filter('a > 5'), onError(notify('#a')))],
    ['two filters and one, tried again', workflow(retry(3, filter('a > 5'), filter('b > 5'))), workflow(retry(3, filter('a > 5 and b > 5')))],
    ['a check before and behind a sort', workflow(check('a > 5'), sort('b')), workflow(sort('b'), check('a > 5'))],
  ])('%s', (_what, one, other) => expect(same(one, other)).toBe(true))

  test.each([
    ['over and at least', workflow(filter('a > 5')), workflow(filter('a >= 5'))],
    ['another value', workflow(filter("a == 'x'")), workflow(filter("a == 'X'"))],
    ['and, or', workflow(filter('a > 5 and b > 5')), workflow(filter('a > 5 or b > 5'))],
    ['up and down', workflow(sort('a')), workflow(sort('a', 'desc'))],
    ['ten and twenty of them, and thousands', workflow(step('limit', { count: 1000 })), workflow(step('limit', { count: 2000 }))],
    ['another file', workflow(step('write_csv', { file: 'a.csv' })), workflow(step('write_csv', { file: 'b.csv' }))],
    ['another format', workflow(step('write_csv', { file: '@var:output_path' })), workflow(step('write_json', { file: '@var:output_path' }))],
    ['three and five tries', workflow(step('retry', { times: 3, steps: [step('http_call', { url: 'https://a' })] })), workflow(step('retry', { times: 5, steps: [step('http_call', { url: 'https://a' })] }))],
    ['a handler or none', workflow(step('read_csv', { file: 'a.csv' }), step('on_error', { steps: [notify('#a')] })), workflow(step('read_csv', { file: 'a.csv' }))],
    ['always and only when there are rows', workflow(notify('#a', ['row_count > 0'])), workflow(notify('#a'))],
    ['more than a hundred rows and at least', workflow(notify('#a', ['row_count > 100'])), workflow(notify('#a', ['row_count >= 100']))],
    ['another message', workflow(step('notify', { channel: '#a', message: 'x' })), workflow(step('notify', { channel: '#a', message: 'y' }))],
    ['sorting before and after limiting', workflow(sort('a'), step('limit', { count: 5 })), workflow(step('limit', { count: 5 }), sort('a'))],
    ['all duplicates and those of a column', workflow(step('deduplicate')), workflow(step('deduplicate', { by: ['a'] }))],
    ['an inner and a left join', workflow(step('join', { file: 'a.csv', on: 'a' })), workflow(step('join', { file: 'a.csv', on: 'a', how: 'left' }))],
    ['a sum and a mean', workflow(step('group', { by: ['a'] }), step('aggregate', { function: 'sum', column: 'b' })), workflow(step('group', { by: ['a'] }), step('aggregate', { function: 'avg', column: 'b' }))],
    ['filled and not', workflow(step('fill_missing', { column: 'a', value: 0 })), workflow(step('fill_missing', { column: 'a', value: 1 }))],
    ['split at another sign', workflow(step('split', { column: 'a', separator: ',' })), workflow(step('split', { column: 'a', separator: ';' }))],
    ['doubles by one column and by another', workflow(step('deduplicate', { by: ['email'] })), workflow(step('deduplicate', { by: ['order_id'] }))],
    ['doubles by one column and by two', workflow(step('deduplicate', { by: ['a'] })), workflow(step('deduplicate', { by: ['a', 'b'] }))],
    ['for each value of one column and of another', workflow(step('loop', { by: 'a', steps: [notify('#a')] })), workflow(step('loop', { by: 'b', steps: [notify('#a')] }))],
    ['the bound of one of three comparisons', workflow(filter('a > 5 and b > 5 and c == 7')), workflow(filter('a >= 5 and b > 5 and c == 7'))],
    ['what is made of a table that another one then replaces', workflow(sort('a'), step('http_call', { url: 'https://a' })), workflow(sort('b'), step('http_call', { url: 'https://a' }))],
    ['what is done when anything fails', workflow(onError(log('import crashed'))), workflow(step('stop'))],
    ['two ways to handle what fails', workflow(filter('a > 5'), onError(log('import crashed'))), workflow(filter('a > 5'), onError(log('zzz')))],
    ['handled and not', workflow(sort('a'), step('limit', { count: 3 }), onError(notify('#a'))), workflow(sort('a'), step('limit', { count: 3 }))],
    ['three and four tries to write', workflow(retry(3, write('a.csv'))), workflow(retry(4, write('a.csv')))],
    ['three tries to sort and one', workflow(retry(3, sort('a'))), workflow(sort('a'))],
    ['tries of a handler', workflow(onError(retry(3, notify('#a')))), workflow(onError(retry(4, notify('#a'))))],
    ['tries of a way that is seldom taken', workflow(step('condition', { if: 'row_count > 100', then: [retry(3, notify('#a'))] })), workflow(step('condition', { if: 'row_count > 100', then: [retry(4, notify('#a'))] }))],
    ['a check that can fail and one that cannot', workflow(filter('a > 5'), check('a > 5'), onError(notify('#a'))), workflow(filter('a > 5'), check('a > 6'), onError(notify('#a')))],
    ['a type', workflow(step('convert', { column: 'a', type: 'number' })), workflow(step('convert', { column: 'a', type: 'text' }))],
  ])('not: %s', (_what, one, other) => {
    expect(same(one, other)).toBe(false)
    expect(same(one, one)).toBe(true)
  })
})

test.each([
  ['a column that an earlier step took away', workflow(step('select', { columns: ['a'] }), sort('b')), /no column b/],
  ['a sum of nothing named', workflow(step('aggregate', { function: 'sum' })), /needs a column/],
])('%s cannot be executed', (_what, given, reason) => expect(whyNotExecutable(tamarind, given)).toMatch(reason))

test('a check fails in a world where its condition does not hold, and what follows is not done', () => {
  const strict = (condition: string) => {
    const checked = workflow(filter('a > 5'), check(condition), notify('#a'))
    return dryRun(tamarind, checked, worldsFor(tamarind, [checked]).find((world) => world.strict)!)
  }
  expect(strict('a > 5')).toMatchObject({ ended: 'done', effects: [['check', 0], ['notify', [['channel', '#a']]]] })
  expect(strict('a > 6')).toMatchObject({ ended: 'failed', reason: 'the check does not hold for every row', effects: ['fails'] })
})

test('the values of a table come twice before all of them came once', () => {
  const { columns } = worldsFor(tamarind, [workflow(sort('a'))])[0]!
  const rows = dryRun(tamarind, workflow(step('read_csv', { file: 'a.csv' })), { columns, draw: 0 }).table.rows.slice(0, 8)
  expect(new Set(rows.map(({ a }) => a)).size).toBeLessThan(8)
})

test.each<[number, Workflow]>([
  [1, workflow({ action: 'stop' } as never)],
  [1, workflow({ action: 'stop', parameters: {}, when: 'x' } as never)],
  [2, workflow(step('read_csv', { file: '@var:nobody' }))],
  [2, workflow(filter('a > @var:nobody'))],
  [3, workflow()],
  [4, workflow(step('fliter', {}))],
  [5, workflow(step('sort', { by: 'a', orderly: 'asc' }))],
  [5, workflow(step('limit', { count: 'ten' }))],
  [6, workflow(step('join', { file: 'a.csv' }))],
  [7, workflow(filter('a is 5'))],
  [8, workflow(step('group', { by: ['a'] }))],
  [8, workflow(step('group', { by: ['a'] }), sort('a'), step('aggregate', { function: 'count' }))],
  [9, workflow(step('on_error', { steps: [notify('#a')] }), notify('#b'))],
  [10, workflow(step('loop', { steps: [step('retry', { times: 2, steps: [step('loop', { steps: [notify('#a')] })] })] }))],
  [11, workflow(step('loop', { steps: [] }))],
  [12, workflow(step('retry', { times: 11, steps: [notify('#a')] }))],
  [13, workflow(notify('#a', ['price > 5']))],
])('rule %i is the one that this breaks', (number, given) => expect(brokenRules(tamarind, given).map(({ rule }) => rule.number)).toEqual([number]))

test('names that every object has are names like any other', () => {
  for (const name of ['constructor', '__proto__', 'toString']) {
    expect(whyNotExecutable(tamarind, { variables: { least: 1 }, steps: [filter(`${name} > @var:least and ${name} > @var:${name}`), sort(name), step('map', { column: name, expression: `${name} + 1` })] })).toBeUndefined()
  }
})

test('a workflow that declares its variables keeps the rules', () => {
  expect(brokenRules(tamarind, { variables: { least: 5 }, steps: [filter('a > @var:least'), step('write_csv', { file: '@var:output_path' })] })).toEqual([])
})
