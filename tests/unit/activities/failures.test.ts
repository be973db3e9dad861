import { MockActivityEnvironment } from '@temporalio/testing'
import { expect, test } from 'vitest'
import { asFailure } from '../../../src/activities/failures.ts'
import { activity } from '../../../src/activities/stage.ts'

const failing = (error: object) => new MockActivityEnvironment().run(() => activity('eval', async () => Promise.reject(Object.assign(new Error('x'), error))))

test.each([
  ['a folder of somebody else waits for a person, who is told what to do', { code: 'EACCES', syscall: 'mkdir', path: '/proc/clitron' }, { type: 'NeedsPerson', nonRetryable: true, message: expect.stringContaining('Make /proc your own') }],
  ['a read-only file system waits for a person', { code: 'EROFS', syscall: 'open', path: '/proc/clitron' }, { type: 'NeedsPerson', nonRetryable: true, message: expect.stringContaining('read-only') }],
  ['a full disk is tried again until there is room', { code: 'ENOSPC', syscall: 'write' }, { type: 'Unavailable', nonRetryable: false, message: expect.stringContaining('Free some space') }],
  ['bad input is final', { type: 'BadInput' }, { type: 'BadInput', nonRetryable: true }],
  ['what nobody foresaw is tried again', {}, { type: 'Unavailable', nonRetryable: false }],
])('%s', async (_, error, failure) => {
  await expect(failing(error)).rejects.toMatchObject(failure)
})

test.each([
  ['a trainer that was killed soon after its start begins again at once', 'Interrupted', 2_000, '1 second'],
  ['one that cannot even start waits ever longer', 'Interrupted', 500, undefined],
  ['an error of its own soon after the start waits ever longer', 'TrainerError', 2_000, undefined],
  ['one after a while begins again at once', 'TrainerError', 20_000, '1 second'],
  ['what is not to be had waits ever longer', 'Unavailable', 20_000, undefined],
] as const)('%s', (_, type, ranMs, delay) => {
  expect(asFailure(Object.assign(new Error('x'), { type }), ranMs)).toMatchObject({ type, nextRetryDelay: delay })
})
