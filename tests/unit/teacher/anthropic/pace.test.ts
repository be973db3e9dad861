import { expect, test, vi } from 'vitest'
import { Pace } from '../../../../src/teacher/anthropic/pace.ts'

const never = new AbortController().signal

test('one more call at once for a round of successes, half as many after a refusal, and up again', () => {
  const pace = new Pace()
  const round = () => {
    for (let calls = pace.limit; calls > 0; calls--) pace.succeeded()
  }
  const limits = [pace.limit]
  for (let i = 0; i < 30; i++) round()
  limits.push(pace.limit)
  // Calls in flight together come back refused together.
  pace.limited(50)
  pace.limited(50)
  limits.push(pace.limit)
  for (let i = 0; i < 5; i++) round()
  expect(limits).toEqual([4, 16, 8])
  expect(pace.limit).toBeGreaterThan(10)
})

test('no more calls at once than the limit', async () => {
  const pace = new Pace()
  const leave = await Promise.all(Array.from({ length: 4 }, () => pace.enter(never)))
  await expect(pace.enter(AbortSignal.timeout(60))).rejects.toThrow()
  leave[0]!()
  await pace.enter(never)
})

test('nobody enters before the time named, nor after a refusal that a person has to mend', async () => {
  const pace = new Pace()
  pace.limited(150)
  const began = Date.now()
  ;(await pace.enter(never))()
  expect(Date.now() - began).toBeGreaterThanOrEqual(145)
  pace.close(new Error('pay first'))
  await expect(pace.enter(never)).rejects.toThrow('pay first')
})

test('a clock that is set back an hour holds nobody up, and one set forward lets nobody in early', async () => {
  for (const hour of [-3_600_000, 3_600_000]) {
    const pace = new Pace()
    const began = performance.now()
    pace.limited(150)
    const clock = vi.spyOn(Date, 'now').mockReturnValue(Date.now() + hour)
    ;(await pace.enter(AbortSignal.timeout(5000)))()
    clock.mockRestore()
    expect(performance.now() - began).toBeGreaterThanOrEqual(145)
  }
})
