import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { setting } from './setting.ts'

const child = join(import.meta.dirname, 'write-notes.ts')

function run(server: string, fault: string): Promise<NodeJS.Signals | null> {
  const worker = spawn(process.execPath, [child, server], { env: { ...process.env, CLITRON_FAULT: fault }, stdio: 'inherit' })
  return new Promise((resolve) => worker.on('exit', (_code, signal) => resolve(signal)))
}

test.each([
  ['before_call', 0], ['after_call_before_record', 1], ['after_record_before_ack', 1],
] as const)('killed %s: the next process asks only for what was never recorded', async (point, paidBefore) => {
  const { server, write } = await setting()
  expect(await run(server.url, point)).toBe('SIGKILL')
  expect(server.paid()).toHaveLength(paidBefore)
  expect((await write(20)).rows).toHaveLength(20)
  expect(server.paid()).toHaveLength(point === 'after_call_before_record' ? 2 : 1)
})
