import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { expect, test, vi } from 'vitest'
import { setting } from './setting.ts'

const child = join(import.meta.dirname, 'write-notes.ts')

test('time in which the process stood still itself is not taken for silence of the provider', async () => {
  const { server, calls } = await setting()
  server.faults.push({ kind: 'slow', ms: 3000 })
  const worker = spawn(process.execPath, [child, server.url], { env: { ...process.env, CLITRON_SILENCE_SECONDS: '1.5' }, stdio: 'inherit' })
  const ended = once(worker, 'exit')
  await vi.waitFor(() => expect(calls()).toHaveLength(1), { timeout: 20_000, interval: 20 })
  worker.kill('SIGSTOP')
  await wait(2700)
  worker.kill('SIGCONT')
  expect(await ended).toEqual([0, null])
  expect(calls()).toHaveLength(1)
})
