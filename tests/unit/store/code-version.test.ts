import { readdirSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { beforeEach, expect, test, vi } from 'vitest'

const src = resolve(import.meta.dirname, '../../../src')
const stations = ['tasks', 'teacher', 'dataset', 'inference', 'evaluation']
/** What carries data and runs programs, and changes nothing of what is in them. */
const plumbing = /^(process|store)\/|^(paths|setup\/disk)\.ts$/

let changed: string | undefined
const fs = await vi.importActual<typeof import('node:fs')>('node:fs')
vi.mock(import('node:fs'), async (original) => {
  const actual = await original()
  return { ...actual, readFileSync: ((file: string, ...options: never[]) => (file === changed ? Buffer.from('changed') : actual.readFileSync(file, ...options))) as typeof actual.readFileSync }
})
beforeEach(() => void (changed = undefined))

/** With no version in its cache. */
async function version(...of: string[]): Promise<string> {
  vi.resetModules()
  return (await import('../../../src/store/code-version.ts')).codeVersion(...of)
}

function importedFromElsewhere(): string[] {
  const files = stations.flatMap((station) => readdirSync(join(src, station), { recursive: true, withFileTypes: true }).filter((entry) => entry.name.endsWith('.ts')).map((entry) => join(entry.parentPath, entry.name)))
  const imports = files.flatMap((file) => [...fs.readFileSync(file, 'utf8').matchAll(/^import (?!type ).* from '(\..+)'$/gm)].map(([, path]) => relative(src, resolve(dirname(file), path!))))
  return [...new Set(imports)].filter((path) => !stations.includes(path.split('/')[0]!) && !plumbing.test(path)).sort()
}

test('whatever the stations take from elsewhere counts as a part of each', async () => {
  const helpers = importedFromElsewhere()
  expect(helpers).toContain('text.ts')
  const before = await version('dataset')
  for (const helper of helpers) {
    changed = join(src, helper)
    expect(await version('dataset'), helper).not.toBe(before)
  }
  changed = undefined
  expect(await version('dataset')).toBe(before)
})

/** What carries data and runs programs for every stage, and what says only what has to be made. */
const frame = /^(stage|base|checkpoints|data-folder|plan-coverage|rows-index)\.ts$/

test("a stage's own activity counts as its code, with what it takes from the others", async () => {
  const activities = join(src, 'activities')
  const made = readdirSync(activities).filter((file) => /await stage\(.*\binputs\b|code: codeVersion/.test(fs.readFileSync(join(activities, file), 'utf8')) && !frame.test(file))
  expect(made).toEqual(expect.arrayContaining(['build-dataset.ts', 'check-host.ts', 'dpo.ts', 'evaluate.ts', 'sft.ts']))
  // A paid teacher's rows are not bought again because their way into a file has changed.
  for (const file of made.filter((file) => file !== 'generate-batch.ts')) {
    const text = fs.readFileSync(join(activities, file), 'utf8')
    const taken = [...text.matchAll(/^import (?!type ).* from '\.\/(.+)'$/gm)].map(([, path]) => path!).filter((path) => !frame.test(path))
    for (const part of [file, ...taken]) expect(text.match(/codeVersion\((.*?)\)/)![1], file).toContain(`'activities/${part.replace(/\.ts$/, '')}'`)
  }
  const before = await version('trainers', 'activities/sft')
  changed = join(activities, 'merge.ts')
  expect(await version('trainers', 'activities/sft')).toBe(before)
  changed = join(activities, 'sft.ts')
  expect(await version('trainers', 'activities/sft')).not.toBe(before)
})

test('trainers are a program of their own', async () => {
  const before = await version('trainers')
  changed = join(src, 'text.ts')
  expect(await version('trainers')).toBe(before)
})
