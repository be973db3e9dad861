import { join } from 'node:path'
import { execa } from 'execa'
import { expect, it } from 'vitest'
import { packageRoot } from '../../src/paths.ts'
import { ensurePython } from '../../src/setup/python.ts'

const folder = join('tests', 'trainers')
const downloaded = join(folder, 'test_bases.py')

// Side by side: most of a trainer's time on a model so small goes to one core.
it.concurrent.each([
  ['of a downloaded base', [downloaded]],
  ['of everything else', [folder, `--ignore=${downloaded}`]],
])('the trainers pass their own tests %s', async (_what, chosen) => {
  const python = await ensurePython()
  const { all, exitCode } = await execa(python, ['-m', 'pytest', '-q', '-p', 'no:cacheprovider', '--durations=5', ...chosen], { cwd: packageRoot, all: true, reject: false })
  expect(exitCode, all.slice(-4000)).toBe(0)
})
