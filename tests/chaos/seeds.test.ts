import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { monkey } from './monkey.ts'

const file = join(import.meta.dirname, 'failed_seeds.yaml')
const failed = z.array(z.strictObject({ seed: z.int(), was: z.string() })).parse(parse(readFileSync(file, 'utf8')))

test.each(failed)('seed $seed loses nothing any more ($was)', async ({ seed }) => {
  const { runs } = await monkey({ seed, minutes: 10, runs: 1 })
  expect(runs.flatMap(({ problems }) => problems)).toEqual([])
  expect(runs.flatMap(({ faults }) => faults).length).toBeGreaterThan(0)
})

test('no seed stands there twice', () => expect(new Set(failed.map(({ seed }) => seed)).size).toBe(failed.length))
