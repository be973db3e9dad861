import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { timeLeft } from '../../../src/activities/time-left.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }))
afterEach(() => void vi.useRealTimers())

test('the time left is told once a few percent are done, and anew for each message', () => {
  const left = timeLeft()
  const after = (seconds: number, message: string, step: number, steps = 200) => {
    vi.advanceTimersByTime(seconds * 1000)
    return left({ message, step, steps })
  }
  expect([after(9, 'asking', 1), after(1, 'asking', 3), after(9, 'asking', 11), after(10, 'asking', 101)]).toEqual([undefined, undefined, 189, 19.8])
  expect([after(5, 'scoring', 102), after(10, 'scoring', 152), after(1, 'scoring', 200)]).toEqual([undefined, 9.6, 0])
  expect([after(1, 'reading', 0, 0), after(1, 'reading', 500, 0)]).toEqual([undefined, undefined])
})
