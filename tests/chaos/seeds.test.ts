import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { monkey } from './monkey.ts'

const file = join(import.meta.dirname, 'failed_seeds.yaml')
const failed = z.array(z.strictObject({ seed: z.int(), run: z.int(), was: z.string() })).parse(parse(readFileSync(file, 'utf8')))

test.each(failed)('run $run of seed $seed loses nothing any more ($was)', async ({ seed, run }) => {
  const { runs } = await monkey({ seed, minutes: 10, runs: 1, first: run })
  expect(runs.flatMap(({ problems }) => problems)).toEqual([])
  expect(runs.flatMap(({ faults }) => faults).length).toBeGreaterThan(0)
})

test('no run stands there twice', () => expect(new Set(failed.map(({ seed, run }) => `${seed}/${run}`)).size).toBe(failed.length))
