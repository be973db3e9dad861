import { expect, test } from 'vitest'
import { mapWide, Pool } from '../../../src/inference/concurrency.ts'

const soon = () => new Promise<void>((resolve) => setImmediate(resolve))

test('each thing of a pool serves one use at a time, and who waits longest is next', async () => {
  const pool = new Pool(['a', 'b'])
  const began: string[] = []
  let [atOnce, most] = [0, 0]
  const use = (name: string) => pool.use(async (item) => {
    began.push(`${name}${item}`)
    most = Math.max(most, ++atOnce)
    await soon()
    atOnce--
    if (name === '2') throw new Error('broken')
  })
  const results = await Promise.allSettled(['1', '2', '3', '4'].map(use))
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'fulfilled'])
  expect(began.map(([name]) => name)).toEqual(['1', '2', '3', '4'])
  expect(most).toBe(2)
})

test('the first of the free things is taken', async () => {
  const pool = new Pool(['a', 'b', 'c'])
  await Promise.all([1, 2, 3].map(() => pool.use(soon)))
  for (let i = 0; i < 3; i++) expect(await pool.use(async (item) => item)).toBe('a')
})

test('a wide map keeps the order, and never does more at once than it may', async () => {
  let [atOnce, most] = [0, 0]
  const doubled = await mapWide([1, 2, 3, 4, 5], 2, async (value) => {
    most = Math.max(most, ++atOnce)
    await soon()
    atOnce--
    return 2 * value
  })
  expect(doubled).toEqual([2, 4, 6, 8, 10])
  expect(most).toBe(2)
})
