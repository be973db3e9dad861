import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { MockActivityEnvironment } from '@temporalio/testing'
import { expect, test } from 'vitest'
import { acquireTraining, releaseTraining } from '../../../src/activities/training-lock.ts'
import { inOwnFolder } from '../../fixtures/own-folder.ts'

inOwnFolder('lock-')

test.each(['', '{"workflowId":"train-no', '\0\0\0'])('a lock that a power failure left as %j is taken', async (left) => {
  const inRun = (activity: typeof acquireTraining) => new MockActivityEnvironment({ workflowExecution: { workflowId: 'train-notes', runId: 'monday' } }).run(activity, 'notes')
  mkdirSync('store/locks', { recursive: true })
  writeFileSync('store/locks/notes.json', left)
  await inRun(acquireTraining)
  expect(JSON.parse(readFileSync('store/locks/notes.json', 'utf8'))).toMatchObject({ runId: 'monday' })
  await inRun(releaseTraining)
  expect(existsSync('store/locks/notes.json')).toBe(false)
})
