import { expect, it } from 'vitest'
import { lines } from '../../../src/setup/ensure-all.ts'

it('progress becomes few lines: new words at once, counts every five seconds', () => {
  const said: string[] = []
  let now = 0
  const report = lines((line) => said.push(line), () => now)
  for (let done = 0; done <= 100; done += 1) {
    report({ part: 'python', message: 'installing packages', done, of: 100 })
    now += 100
  }
  expect(said.length).toBeLessThanOrEqual(3)
  report({ part: 'python', message: 'ready after 10 s', ready: true, seconds: 10 })
  report({ part: 'temporal', message: 'ready', ready: true, seconds: 0 })
  expect(said.at(-1)).toBe('Python packages: ready after 10 s')
})
