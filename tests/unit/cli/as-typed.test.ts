import { expect, test } from 'vitest'
import { asTyped } from '../../../src/cli/as-typed.ts'

const here = (text: string) => asTyped(text, { installed: false })

test('where the program is not on the PATH, every command in a message goes through npx', () => {
  expect(here('Go on with `clitron resume gh`, or: clitron down && clitron up')).toBe('Go on with `npx clitron resume gh`, or: npx clitron down && npx clitron up')
  expect(here('Usage: clitron [options] [command]\n  $ clitron train gh')).toBe('Usage: npx clitron [options] [command]\n  $ npx clitron train gh')
  expect(here('CLITRON_STORE=/mnt/clitron clitron worker')).toBe('CLITRON_STORE=/mnt/clitron npx clitron worker')
  expect(here('Go: \x1b[1mclitron train gh\x1b[22m')).toBe('Go: \x1b[1mnpx clitron train gh\x1b[22m')
  expect(asTyped('`clitron up`', { installed: true })).toBe('`clitron up`')
})

test('what is no command stays as it is', () => {
  for (const text of ['npx clitron ask gh', 'the queue clitron-gpu', '/home/me/clitron is full', 'Clitron reads them', 'npm install clitron']) expect(here(text)).toBe(text)
})
