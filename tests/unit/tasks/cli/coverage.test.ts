import { describe, expect, test } from 'vitest'
import { coverable, coverage } from '../../../../src/tasks/cli/coverage.ts'
import { asked, command, real, small } from './fixtures.ts'

const of = (output: string, context: Record<string, unknown> | null = null) => coverage(small, { instruction: 'x', context, output })

describe('what of a schema a row exercises', () => {
  test('is its subcommand with the arguments and flags of the answer', () => {
    expect(of(command('pr', 'list', { label: ['bug'], author: 'octocat' }, ['web']))).toEqual(['subcommand pr list', 'argument pr list --label', 'argument pr list --author', 'flag pr list --web'])
    expect(of(command('browse', null, { path: 'src' }))).toEqual(['subcommand browse', 'argument browse --path'])
  })
  test('a default is not trained on', () => expect(of(command('pr', 'list', { limit: 30, state: 'all' }))).toEqual(['subcommand pr list', 'argument pr list --state']))
  test('a context field counts where an argument is filled from it', () => {
    const context = { git: { current_pr: 12, current_branch: 'main' } }
    expect(of(command('pr', 'view', { number: 12 }), context)).toEqual(['subcommand pr view', 'argument pr view --number', 'context git.current_pr'])
    expect(of(command('pr', 'view', { number: 13 }), context)).not.toContain('context git.current_pr')
    expect(of(command('pr', 'view', { number: 12 }))).not.toContain('context git.current_pr')
  })
  test('nothing for a clarification, for another command and for what is no answer', () => {
    for (const output of [asked('Which one?', 'pr view'), command('pr', null), command('issue', 'list'), 'yes']) expect(of(output)).toEqual([])
  })
})

test('all parts of a schema can be exercised, but for context that fills no argument', () => {
  expect(coverable(small)).toEqual([
    'subcommand pr list', 'argument pr list --limit', 'argument pr list --state', 'argument pr list --label', 'argument pr list --author', 'flag pr list --web', 'flag pr list --draft',
    'subcommand pr view', 'argument pr view --number', 'context git.current_pr', 'flag pr view --web',
    'subcommand pr close', 'argument pr close --number', 'argument pr close --comment', 'subcommand browse', 'argument browse --path',
  ])
})

test.each(['gh', 'kubectl'])('every label of %s is given once', (name) => {
  const labels = coverable(real(name))
  expect(new Set(labels).size).toBe(labels.length)
  expect(labels.length).toBeGreaterThan(200)
})
