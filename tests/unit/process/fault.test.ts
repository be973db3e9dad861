import { mkdtempSync, readdirSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, test } from 'vitest'
import { packageRoot } from '../../../src/paths.ts'
import { fault } from '../../../src/process/fault.ts'

const code = `
  const { fault, inActivity } = await import(${JSON.stringify(join(packageRoot, 'src/process/fault.ts'))})
  await inActivity('sft', async () => { await null; fault('before_call'); fault('mid_write'); fault('mid_write') })
  await inActivity('dpo', async () => fault('before_call'))
  console.log('alive')`

const run = async (environment: Record<string, string>) => {
  const { signal, stdout } = await execa(process.execPath, ['--input-type=module', '-e', code], { env: environment, reject: false })
  return signal ?? stdout
}

test.each([
  ['', 'alive'],
  ['before_call', 'SIGKILL'],
  ['dpo@before_call', 'SIGKILL'],
  ['merge@before_call', 'alive'],
  ['sft@mid_write:2', 'SIGKILL'],
  ['dpo@mid_write', 'alive'],
  ['sft@mid_write:3,merge@before_call', 'alive'],
])('CLITRON_FAULT=%s: %s', async (wanted, ends) => {
  expect(await run({ CLITRON_FAULT: wanted })).toBe(ends)
})

test('with a folder to remember it, each fault kills once', async () => {
  const environment = { CLITRON_FAULT: 'sft@before_call,mid_write:2,dpo@before_call,eval@before_call', CLITRON_FAULT_FIRED: join(mkdtempSync(join(tmpdir(), 'clitron-fired-')), 'fired') }
  for (const ends of ['SIGKILL', 'SIGKILL', 'SIGKILL', 'alive', 'alive']) expect(await run(environment)).toBe(ends)
  expect(readdirSync(environment.CLITRON_FAULT_FIRED).sort()).toEqual(['dpo@before_call', 'mid_write:2', 'sft@before_call'])
})

test('it is off by default, and nothing but the environment turns it on', () => {
  expect(process.env.CLITRON_FAULT).toBeUndefined()
  expect(() => fault('before_call')).not.toThrow()
  const readers = readdirSync(join(packageRoot, 'src'), { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts') && readFileSync(join(packageRoot, 'src', file), 'utf8').includes('CLITRON_FAULT'))
  expect(readers.sort()).toEqual(['process/fault.ts', 'temporal/kept-child.ts'])
  for (const file of readers) expect(readFileSync(join(packageRoot, 'src', file), 'utf8')).not.toMatch(/env\.CLITRON_FAULT\w*\s*=[^=]/)
})
