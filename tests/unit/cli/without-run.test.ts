import { expect, test } from 'vitest'
import { withoutRun } from '../../../src/cli/without-run.ts'
import { InputError, NeedsPersonError } from '../../../src/errors.ts'

const told = (error: Error, option?: string) => withoutRun(() => Promise.reject(error), option).catch((other: Error) => other)

test.each([
  ['The budget of $1 is spent to $0.90 (the next call may cost up to $0.20); `clitron resume gh (judge) --budget 2` goes on.', 'The budget of $1 is spent to $0.90 (the next call may cost up to $0.20); give --budget 2.'],
  ['The provider refuses to go on (401: no). Start the worker with a valid ANTHROPIC_API_KEY (`clitron down && clitron up`), then `clitron resume gh`.', 'The provider refuses to go on (401: no). Set a valid ANTHROPIC_API_KEY, then run the same command again.'],
])('where no run waits, the same command goes on: %s', async (said, words) => {
  expect(await told(new NeedsPersonError(said))).toMatchObject({ type: 'BadInput', message: words })
})

test('the option that names the model is the command\'s own', async () => {
  expect(await told(new InputError('give --budget 1 or more, or a cheaper --model.'), '--judge-model')).toMatchObject({ message: 'give --budget 1 or more, or a cheaper --judge-model.' })
  expect(await told(new InputError('no such model; see `--model` and X.'), '--judge-model')).toMatchObject({ message: 'no such model; see `--judge-model` and X.' })
  expect(await told(new InputError('a cheaper --model.'))).toMatchObject({ message: 'a cheaper --model.' })
})

test('what comes, and other errors, stay as they are', async () => {
  const bug = new TypeError('--model of undefined')
  expect(await told(bug, '--judge-model')).toBe(bug)
  expect(await withoutRun(async () => 7)).toBe(7)
})
