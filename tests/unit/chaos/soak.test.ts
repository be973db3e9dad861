import { expect, test } from 'vitest'
import { judge, type Soak } from '../../chaos/soak.ts'

/** Two hours with a train a minute; `megabytes` of the worker by the minute. */
const hours = (megabytes: (minute: number) => number, other: Partial<Soak> = {}): Soak =>
  ({ minutes: 120, trains: 120, kills: 90, problems: [], memory: Array.from({ length: 120 }, (_, minute) => ({ minute, megabytes: megabytes(minute) })), ...other })

test('a worker may grow for an hour, and then up and down a little', () => {
  expect(judge(hours((minute) => 100 + 3 * Math.min(minute, 60) + (minute % 7)))).toMatchObject({ change: expect.closeTo(0, 1), missed: [] })
})

test.each<[string, Soak, RegExp]>([
  ['a leak', hours((minute) => 200 + 2 * minute), /memory changed by \+?1\d%/],
  ['a loss', hours(() => 200, { problems: ['processes 7 are left'] }), /processes 7/],
  ['a soak without kills', hours(() => 200, { kills: 3 }), /^3 kills in 120 minutes/],
  ['a soak in which nothing was trained', hours(() => 200, { memory: [] }), /too few trains/],
])('%s does not pass', (_what, soaked, why) => expect(judge(soaked).missed.join()).toMatch(why))
