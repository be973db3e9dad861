import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { addEntry, circumstances, type Entry, readLog } from '../../../lab/log.ts'
import { comparePaired } from '../../../lab/paired.ts'
import { inOwnFolder } from '../../fixtures/own-folder.ts'

inOwnFolder('log-')

const comparison = comparePaired([1, 2, 3].map((seed) => ({ seed, pairs: Array.from({ length: 100 }, (_, index) => ({ cluster: `${index}`, variant: index < 80 + seed, baseline: index < 60 })) })))
const entry = (id: string, more: Partial<Entry> = {}): Entry => ({
  id, date: '2026-01-02T03:04:05.000Z', experiment: 'abc', file: 'x.yaml', question: 'Does a|b help?', training: 'notes', seeds: [1, 2, 3], measured_on: "each seed's own test split", commit: '0123456789ab', host: 'linux x64, 2 cores', seconds: 600,
  stage: 'full', precisions: ['fp32'],
  baseline: { change: 'as configured', seconds: 300, per_seed: [1, 2, 3].map((seed) => ({ seed, n: 100, right: 60 })) },
  variants: [{ name: 'longer', change: 'training.steps 3000', comparison, verdict: 'better', left_out: 0, seconds: 300 }],
  ...more,
})

test('an entry is a line of the log, and its figures stand in the page', async () => {
  expect(await addEntry('.', entry('1'))).toBe(true)
  expect(await readLog('.')).toEqual([entry('1')])
  const page = readFileSync('log.md', 'utf8')
  expect(page).toContain('## Does a\\|b help?\n')
  expect(page).toContain('**full**, measured on each seed\'s own test split; 2026-01-02 03:04 UTC, 10 min of runs, commit 0123456789ab, linux x64, 2 cores')
  expect(page).toMatch(/\| baseline \| as configured \| 60\.0% of 100 \| 60\.0% of 100 \| 60\.0% of 100 \|/)
  expect(page).toMatch(/\| longer \| training\.steps 3000 \| 81\.0% \(\+21\.0\) \| .* \| \+22\.0 \(\+\d+\.\d to \+\d+\.\d\) \| \S+ \| better \|/)
})

test('the same result is written down once, and a page that was lost comes back', async () => {
  await addEntry('.', entry('1'))
  writeFileSync('log.md', 'gone')
  expect(await addEntry('.', entry('1', { date: '2027-01-01T00:00:00.000Z' }))).toBe(false)
  expect(await readLog('.')).toEqual([entry('1')])
  expect(readFileSync('log.md', 'utf8')).toContain('# Log of experiments')
})

test('stages of one experiment stand together, the newest experiment first', async () => {
  await addEntry('.', entry('1', { stage: '40 steps' }))
  await addEntry('.', entry('2', { experiment: 'other', question: 'Second?' }))
  await addEntry('.', entry('3'))
  const page = readFileSync('log.md', 'utf8')
  const at = ['## Second?', '## Does', '**40 steps**', '**full**, measured'].map((text) => page.lastIndexOf(text))
  expect(at.slice(0, 4)).toEqual([...at].sort((a, b) => a - b))
  expect(page.match(/^## /gm)).toHaveLength(2)
})

test('writers at the same time lose nothing, and leave nothing behind', async () => {
  await Promise.all(Array.from({ length: 8 }, (_, index) => addEntry('.', entry(String(index)))))
  expect((await readLog('.')).map(({ id }) => id).sort()).toEqual(['0', '1', '2', '3', '4', '5', '6', '7'])
  expect(readdirSync('.').sort()).toEqual(['log.jsonl', 'log.md'])
})

const log = join(import.meta.dirname, '../../../lab/log.ts')
test.each(['mid_write', 'before_rename', 'after_rename'])('a writer that is killed at %s leaves a whole log, and the next one goes on', async (fault) => {
  await addEntry('.', entry('1'))
  const script = `const { addEntry } = await import(${JSON.stringify(log)}); await addEntry('.', JSON.parse(process.argv[1]))`
  const { signal } = spawnSync(process.execPath, ['--input-type=module', '--eval', script, JSON.stringify(entry('2'))], { env: { ...process.env, CLITRON_FAULT: fault } })
  expect(signal).toBe('SIGKILL')
  expect((await readLog('.')).map(({ id }) => id)).toEqual(fault === 'after_rename' ? ['1', '2'] : ['1'])
  await addEntry('.', entry('2'))
  expect((await readLog('.')).map(({ id }) => id)).toEqual(['1', '2'])
})

test('a line that is no entry is named, and nothing is written over it', async () => {
  await addEntry('.', entry('1'))
  writeFileSync('log.jsonl', `${readFileSync('log.jsonl', 'utf8')}{"id":\n`)
  await expect(addEntry('.', entry('2'))).rejects.toThrow('log.jsonl:2:1: expected an entry of the log')
  expect(readFileSync('log.jsonl', 'utf8')).toMatch(/\{"id":\n$/)
})

test('what has to be known beside the figures stands under them', async () => {
  const { variants: [longer], baseline } = entry('1')
  await addEntry('.', entry('1', {
    precisions: ['bf16', 'fp32'],
    baseline: { ...baseline, per_seed: baseline.per_seed.slice(0, 2) },
    variants: [longer!, { ...longer!, name: 'other', left_out: 7 }, { name: 'broken', change: 'x', verdict: 'not measured', failed: 'it could not be trained: no row fits.', left_out: 0, seconds: 0 }],
  }))
  const page = readFileSync('log.md', 'utf8')
  for (const words of ['broken was not measured: it could not be trained: no row fits.\n', 'other: 7 answers were not compared', 'With fewer than 3 seeds nothing is claimed.', '2 variants were compared, each at 95%', 'differ in precision too (bf16, fp32)']) expect(page).toContain(words)
})

test('commit and host are told without a name of the machine', async () => {
  const { commit, host } = await circumstances()
  expect(commit).toMatch(/^([0-9a-f]{12}( with changes)?|unknown)$/)
  expect(host).toMatch(/, \d+ cores/)
})
