import { MockActivityEnvironment } from '@temporalio/testing'
import { expect, test } from 'vitest'
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
