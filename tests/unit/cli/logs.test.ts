import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { prepare } from '../../../src/cli/start.ts'
import { kettleYaml } from '../tasks/assistant/fixtures.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'logs-'))
  mkdirSync(join(folder, 'schemas', 'kettle', 'talks'), { recursive: true })
  vi.spyOn(process, 'cwd').mockReturnValue(folder)
  vi.stubEnv('CLITRON_STORE', join(folder, 'store'))
})
afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
})

/** What is said before a run of a schema that names these logs. */
async function said(logs: string, type: 'train' | 'sft' = 'train'): Promise<string[]> {
  writeFileSync(join(folder, 'schemas', 'kettle.yaml'), kettleYaml().replace('sources: {', `sources: {logs: ${logs}, `))
  const lines: string[] = []
  await prepare('kettle', { type, options: {}, retrain: false }, (line) => lines.push(line))
  return lines.filter((line) => line.includes('logs of kettle'))
}
const talk = (question: string, answer: string) => `${JSON.stringify({ question, answer })}\n`
const log = (file: string, ...lines: string[]) => writeFileSync(join(folder, 'schemas', 'kettle', file), lines.join(''))
const imported = () => readFileSync(join(folder, 'training/data/kettle/imported.jsonl'), 'utf8').trim().split('\n').map((line) => JSON.parse(line) as { instruction: string; output: string })

test('each train reads what its logs have more than before, checks it and masks it', async () => {
  log('talks/b.jsonl', talk('how do i open the lid', 'To turn it off, lift the lid.'), talk('who are you', 'I am the king of France.'))
  log('talks/a.jsonl', talk('how can dana@norvik-kettles.com switch the lid off', 'To turn it off, lift the lid.'))
  log('more.jsonl', talk('how do i open the lid', 'To turn it off, lift the lid.'))
  expect(await said('[kettle/talks, kettle/more.jsonl]')).toEqual([expect.stringContaining('(3 files): 2 rows are new and right, 1 were there already, 1 were rejected (all with their reasons: training/data/kettle/logs.rejected.jsonl); 1 secrets and personal data were replaced')])
  expect(imported().map(({ output }) => output)).toEqual(['{"quotes":["use/lid-lock/off"]}', '{"quotes":["use/lid-lock/off"]}'])
  expect(imported()[0]!.instruction).not.toContain('norvik')
  expect(readFileSync(join(folder, 'training/data/kettle/logs.rejected.jsonl'), 'utf8')).toContain('which no passage says')

  log('more.jsonl', talk('is it a lid lock', 'The lid lock keeps 2.5 litres in.'))
  log('talks/b.jsonl', talk('how do i open the lid', 'To turn it off, lift the lid.'))
  expect(await said('[kettle/talks, kettle/more.jsonl]')).toEqual([expect.stringContaining('1 rows are new and right, 2 were there already, 0 were rejected; 1 secrets')])
  expect(imported()).toHaveLength(3)
  expect(existsSync(join(folder, 'training/data/kettle/logs.rejected.jsonl'))).toBe(false)
})

test('a later stage goes on with the data that is made', async () => {
  log('more.jsonl', talk('how do i open the lid', 'To turn it off, lift the lid.'))
  expect(await said('[kettle/more.jsonl]', 'sft')).toEqual([])
})

test.each([['[kettle/nothing.jsonl]', /sources\.logs: .*"kettle\/nothing\.jsonl", which is not there/], ['[../elsewhere]', /which is outside/], ['[/etc]', /which is outside/]])('logs %s are refused', async (logs, why) => {
  await expect(said(logs)).rejects.toThrow(why)
})
