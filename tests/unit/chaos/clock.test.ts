import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { movableClock } from '../../chaos/clock.ts'

const told = `setInterval(() => console.log(JSON.stringify({ wall: Date.now(), steady: performance.now() })), 50)`

test('a movable clock jumps under a running process, backwards too, and its monotonic clock goes on', async (context) => {
  const clock = await movableClock()
  if (typeof clock === 'string') return context.skip(clock)
  const child = execa(process.execPath, ['-e', told], { env: clock.environment, reject: false, buffer: false })
  const lines = createInterface({ input: child.stdout })
  const seen: { wall: number; steady: number }[] = []
  lines.on('line', (line) => seen.push(JSON.parse(line)))
  /** What the process sees of its clock, in seconds against this one, once that is what it should be. */
  const sees = async (seconds: number) => {
    do await once(lines, 'line')
    while (Math.abs(seen.at(-1)!.wall - Date.now() - seconds * 1000) > 60_000)
  }
  await sees(0)
  for (const seconds of [3600, -3600, 0]) {
    clock.move(seconds)
    expect(clock.seconds()).toBe(seconds)
    await sees(seconds)
  }
  child.kill()
  await child
  expect(seen.every(({ steady }, index) => index === 0 || (steady > seen[index - 1]!.steady && steady - seen[index - 1]!.steady < 60_000))).toBe(true)
}, 30_000)
