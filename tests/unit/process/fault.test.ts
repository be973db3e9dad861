import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { expect, test, vi } from 'vitest'
import { InputError } from '../../../src/errors.ts'
import { packageRoot } from '../../../src/paths.ts'
import { fault } from '../../../src/process/fault.ts'
import { readConfigs } from '../../../src/setup/configs.ts'
import { gatherSchema, loadSchema } from '../../../src/tasks/index.ts'

const code = `
  const { fault, inActivity } = await import(${JSON.stringify(join(packageRoot, 'src/process/fault.ts'))})
  await inActivity('sft', async () => { await null; fault('before_call'); fault('mid_write'); fault('mid_write') })
  await inActivity('dpo', async () => fault('before_call'))
  console.log('alive')`

const run = async (environment: Record<string, string>, { cwd = process.cwd(), args = [] as string[] } = {}) => {
  const { signal, stdout } = await execa(process.execPath, ['--input-type=module', '-e', code, ...args], { env: environment, cwd, reject: false })
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

const schemas = join(packageRoot, 'schemas')
const keys = ['CLITRON_FAULT: before_call', 'env: {CLITRON_FAULT: before_call}', 'environment: [CLITRON_FAULT=before_call]', 'fault: before_call', 'faults: [before_call]', 'fault_points: [before_call]']

test.each(readdirSync(schemas).filter((file) => file.endsWith('.yaml')))('no key of %s could name a fault', (file) => {
  const text = readFileSync(join(schemas, file), 'utf8')
  const load = (more: string) => {
    const source = { name: 'x', file: 'schemas/x.yaml', text: `${text}\n${more}\n` }
    return loadSchema({ ...source, text: gatherSchema(source, schemas) })
  }
  expect(() => load('')).not.toThrow()
  for (const key of keys) expect(() => load(key), key).toThrow(InputError)
})

test('no key of a configuration could, either', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'clitron-fault-'))
  mkdirSync(join(folder, 'training/configs'), { recursive: true })
  const cwd = vi.spyOn(process, 'cwd').mockReturnValue(folder)
  try {
    for (const key of keys) for (const text of [`${key}\n`, `sft: {${key}}\n`, `sft: {training: {${key}}}\n`]) {
      writeFileSync(join(folder, 'training/configs/scratch_config.yaml'), text)
      await expect(readConfigs('scratch'), text).rejects.toThrow(InputError)
    }
  } finally {
    cwd.mockRestore()
  }
})

test('what stands in files and arguments turns none on', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'clitron-fault-'))
  for (const file of ['schemas/x.yaml', 'training/configs/scratch_config.yaml', '.clitron/up.json', '.env', 'clitron.yaml', '.npmrc']) {
    mkdirSync(join(folder, file, '..'), { recursive: true })
    writeFileSync(join(folder, file), file === '.env' ? 'CLITRON_FAULT=before_call\n' : file.endsWith('.json') ? '{"CLITRON_FAULT": "before_call"}' : 'CLITRON_FAULT: before_call\n')
  }
  expect(await run({}, { cwd: folder, args: ['--', '--CLITRON_FAULT=before_call', 'CLITRON_FAULT=before_call', 'before_call'] })).toBe('alive')
})
