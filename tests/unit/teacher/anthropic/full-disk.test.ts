import { mkdtempSync, rmSync, statfsSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, onTestFinished, test, type TestContext, vi } from 'vitest'
import { asFailure } from '../../../../src/activities/failures.ts'
import { Ledger } from '../../../../src/teacher/ledger.ts'
import { setting } from './setting.ts'

/** A store on a disk of 32 MB; `fill` leaves so many bytes of it. */
async function smallDisk(context: TestContext) {
  const disk = mkdtempSync(join(tmpdir(), 'clitron-disk-'))
  const mounted = await execa('mount', ['-t', 'tmpfs', '-o', 'size=32m', 'tmpfs', disk], { reject: false })
  onTestFinished(async () => {
    if (mounted.exitCode === 0) await execa('umount', ['-l', disk])
    rmSync(disk, { recursive: true })
  })
  if (mounted.exitCode !== 0) return context.skip('only root can mount a small disk here')
  const all = await setting()
  vi.stubEnv('CLITRON_STORE', disk)
  const ballast = join(disk, 'ballast')
  const fill = (left: number) => {
    const { bavail, bsize } = statfsSync(disk)
    writeFileSync(ballast, Buffer.alloc(bavail * bsize - left))
  }
  return { ...all, disk, fill, empty: () => rmSync(ballast) }
}

test.for([false, true])('no call is made where its answer would find no room, and the message says file and sizes (batch: %s)', async (batch, context) => {
  const { disk, fill, empty, write, server } = await smallDisk(context)
  new Ledger(disk).close()
  fill(2_000_000)
  const error = (await write(20, { batch }).catch((error: Error) => error)) as Error
  expect(error).toMatchObject({ code: 'ENOSPC' })
  expect(error.message).toMatch(/^\/\S+\/ledger\.db takes 6000000 bytes, \d+ are free$/)
  expect(asFailure(error, 0)).toMatchObject({ type: 'Unavailable', nonRetryable: false, message: expect.stringMatching(/^The disk is full: /) })
  expect(server.log).toEqual([])
  empty()
  expect((await write(20, { batch })).rows).toHaveLength(20)
})

test('a disk that fills up while an answer is on its way loses none: the answer is recorded once there is room', async (context) => {
  const { disk, fill, empty, write, server, messages } = await smallDisk(context)
  server.faults.push({ kind: 'slow', ms: 500 })
  const written = write(20)
  await vi.waitFor(() => expect(server.log).toHaveLength(1), 20_000)
  fill(0)
  await vi.waitFor(() => expect(messages).toContainEqual(expect.stringMatching(/^The disk is full: \/\S+\/ledger\.db takes \d+ bytes, 0 are free\. .* A paid answer waits for it\.$/)), 20_000)
  empty()
  expect((await written).dollars).toBeGreaterThan(0)
  expect((await write(20)).dollars).toBe(0)
  expect(server.paid()).toHaveLength(1)
  const ledger = new Ledger(disk)
  expect(ledger.spent('notes')).toMatchObject({ perhaps: 0, reserved: 0 })
  ledger.close()
})

test('a ledger that cannot be opened for want of room says so', async (context) => {
  const { disk, fill } = await smallDisk(context)
  fill(0)
  expect(() => new Ledger(join(disk, 'store'))).toThrow(/^\/\S+\/ledger\.db takes \d+ bytes, 0 are free$/)
})
