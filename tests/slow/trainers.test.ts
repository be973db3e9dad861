import { execa } from 'execa'
import { expect, it } from 'vitest'
import { packageRoot } from '../../src/paths.ts'
import { ensurePython } from '../../src/setup/python.ts'

it.each(['gpt2', 'qwen2', 'mistral', 'lfm2'])('the %s architecture goes the whole way of a downloaded base', async (architecture) => {
  const python = await ensurePython()
  const { all, exitCode } = await execa(python, ['-m', 'pytest', '-q', '-p', 'no:cacheprovider', '-m', 'slow', '-k', architecture, 'tests/trainers/test_bases.py'], { cwd: packageRoot, all: true, reject: false })
  expect(exitCode, all.slice(-4000)).toBe(0)
})

it.each([
  ['a training from scratch that is killed at a random step, with 20 seeds, equals an undisturbed one', 'test_scratch.py'],
  ['a stopped and resumed training of an adapter, and of its preferences, equals an undisturbed one', 'test_resume.py'],
  ['a killed training that follows a schedule equals an undisturbed one, and one of a downloaded base follows it too', 'test_schedule.py'],
  ['a pickle in an adapter\'s checkpoint is refused', 'test_security.py'],
])('%s', async (_what, file) => {
  const python = await ensurePython()
  const { all, exitCode } = await execa(python, ['-m', 'pytest', '-q', '-p', 'no:cacheprovider', '-m', 'slow', `tests/trainers/${file}`], { cwd: packageRoot, all: true, reject: false })
  expect(exitCode, all.slice(-4000)).toBe(0)
})
