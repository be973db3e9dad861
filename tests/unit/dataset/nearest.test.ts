import { expect, test } from 'vitest'
import { nearestNeighbour } from '../../../src/dataset/nearest.ts'

test('the most similar training row answers, the earlier of equals', () => {
  const rows = [{ text: 'show pull request 5', id: 'a' }, { text: 'list open issues', id: 'b' }, { text: 'list open issues', id: 'c' }]
  const found = nearestNeighbour(rows).answer('list all open issues')!
  expect(found.row.id).toBe('b')
  expect(found.similarity).toBeGreaterThan(0.4)
})

test('without rows there is no answer', () => {
  expect(nearestNeighbour([]).answer('anything')).toBeUndefined()
})
