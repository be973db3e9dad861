import { expect, test } from 'vitest'
import { gerund, pastParticiple, plural, withArticle } from '../../../src/teacher/english.ts'

test.each([['issue', 'issues'], ['PR', 'PRs'], ['repository', 'repositories'], ['workflow run', 'workflow runs'], ['alias', 'alias'], ['branch', 'branches']])('many of %s are %s', (one, many) => expect(plural(one)).toBe(many))
test.each([['issue', 'an issue'], ['pull request', 'a pull request'], ['user', 'a user'], ['SSH key', 'an SSH key'], ['PR', 'a PR']])('%s takes its article', (noun, text) => expect(withArticle(noun)).toBe(text))
test.each([['close', 'closing'], ['run', 'running'], ['view', 'viewing'], ['get rid of', 'getting rid of'], ['see', 'seeing']])('the gerund of %s is %s', (verb, form) => expect(gerund(verb)).toBe(form))
test.each([['close', 'closed'], ['merge', 'merged'], ['pin', 'pinned'], ['view', 'viewed'], ['delete', 'deleted'], ['stop', 'stopped']])('%s becomes %s', (verb, form) => expect(pastParticiple(verb)).toBe(form))
