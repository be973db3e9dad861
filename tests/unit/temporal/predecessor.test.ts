import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { identify } from '../../../src/process/identity.ts'
import { isGone, workerIdentity } from '../../../src/temporal/predecessor.ts'

test('a worker knows of another one of its host whether it lives, and of all others nothing', async () => {
  const mine = workerIdentity()
  expect(isGone(mine)).toBe(false)
  const other = spawn('sleep', ['60'])
  const { pid, start } = identify(other.pid!)
  const theirs = mine.replace(/^\d+/, String(pid)).replace(/\S+$/, start)
  expect(isGone(theirs)).toBe(false)
  other.kill('SIGKILL')
  await once(other, 'exit')
  expect(isGone(theirs)).toBe(true)
  expect(isGone(theirs.replace('@', '@elsewhere-'))).toBe(false)
  // The same pid was given to another process since.
  expect(isGone(mine.replace(/\S+$/, '1'))).toBe(process.platform === 'linux')
  for (const foreign of ['', '12@host', 'temporal-cli']) expect(isGone(foreign)).toBe(false)
})
