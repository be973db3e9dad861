import { expect, test } from 'vitest'
import { judgeEffective } from '../../chaos/effective.ts'

const measured = { useful: 320, wall: 400, share: 0.8, kills: 6 }

test('a kill every minute that meets a trainer most times passes', () => {
  expect(judgeEffective(measured, 60)).toEqual([])
  expect(judgeEffective({ ...measured, kills: 5 }, 60)).toEqual([])
})

test.each([
  ['too little training that counts', { ...measured, share: 0.69 }, /^0\.69 of the time/],
  ['too few kills', { ...measured, kills: 4 }, /^4 kills in 400 s: of the 6 that fit, 5 is the least/],
  ['a training that is over before its first kill', { ...measured, wall: 50, kills: 0 }, /^0 kills/],
])('%s does not pass', (_what, effective, why) => expect(judgeEffective(effective, 60).join()).toMatch(why))
