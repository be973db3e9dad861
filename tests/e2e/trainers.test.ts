import { join } from 'node:path'
import { execa } from 'execa'
import { expect, it } from 'vitest'
import { packageRoot } from '../../src/paths.ts'
import { ensurePython } from '../../src/setup/python.ts'

it('the trainers pass their own tests', async () => {
  const python = await ensurePython()
  const { all, exitCode } = await execa(python, ['-m', 'pytest', '-q', '-p', 'no:cacheprovider', join('tests', 'trainers')], { cwd: packageRoot, all: true, reject: false })
  expect(exitCode, all.slice(-4000)).toBe(0)
})
