import { mkdtempSync, readFileSync, existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test, vi } from 'vitest'
import type { Answer } from '../../../src/inference/ask.ts'
import { execute } from '../../../src/inference/execute.ts'
import type { Action } from '../../../src/inference/thresholds.ts'

const out = join(mkdtempSync(join(tmpdir(), 'clitron-execute-')), 'out.json')
/** A command that writes its arguments down. */
const answer = (action: Action, ...values: string[]): Answer => ({
  output: {}, confidence: 0.95, action, suggestions: [], latency_ms: 1, line: 'demo …',
  argv: ['node', '-e', `require('fs').writeFileSync(${JSON.stringify(out)}, JSON.stringify(process.argv.slice(1)))`, ...values],
})

test('a sure command runs at once, and no shell reads its arguments', async () => {
  const values = ['$(touch pwned)', '`id`', '; rm -rf x', "it's \"quoted\"", '*', '', 'a b']
  expect(await execute(answer('execute', ...values))).toEqual({ executed: true, exitCode: 0 })
  expect(JSON.parse(readFileSync(out, 'utf8'))).toEqual(values)
  expect(existsSync('pwned')).toBe(false)
})

test('a less sure command runs only after a yes', async () => {
  const confirm = vi.fn(async () => true)
  expect((await execute(answer('confirm'), { confirm })).executed).toBe(true)
  expect(confirm).toHaveBeenCalledWith('demo …')
  expect((await execute(answer('confirm'), { confirm: async () => false })).executed).toBe(false)
  expect((await execute(answer('confirm'))).executed).toBe(false)
})

test.each(['clarify', 'ask'] as const)('%s executes nothing, whatever the person says', async (action) => {
  const confirm = vi.fn(async () => true)
  expect((await execute(answer(action), { confirm })).executed).toBe(false)
  expect(confirm).not.toHaveBeenCalled()
})

test.each(['\u001b[2K', 'a\nb', 'a\0b', '\u202egpj', '\u009b1A'])('control characters are refused: %j', async (value) => {
  await expect(execute(answer('execute', value))).rejects.toThrow('control characters')
})

test('a very long argument is refused', () => expect(execute(answer('execute', 'x'.repeat(1_001)))).rejects.toThrow('1001 characters'))

test('the exit code of the program comes back', async () => {
  expect(await execute({ ...answer('execute'), argv: ['node', '-e', 'process.exit(7)'] })).toEqual({ executed: true, exitCode: 7 })
})

test('a program that is not installed is named', () => expect(execute({ ...answer('execute'), argv: ['no-such-program-here'] })).rejects.toThrow('"no-such-program-here" is not installed'))

test('a clarification is never executed, even if its action says so', async () => {
  expect((await execute({ ...answer('execute'), argv: null, line: null })).executed).toBe(false)
})
