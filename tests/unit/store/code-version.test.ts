import { readdirSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { beforeEach, expect, test, vi } from 'vitest'

const src = resolve(import.meta.dirname, '../../../src')
const stations = ['tasks', 'teacher', 'dataset', 'inference', 'evaluation']
/** What carries data and runs programs, and changes nothing of what is in them. */
const plumbing = /^(process|store)\/|^paths\.ts$/

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

test('trainers are a program of their own', async () => {
  const before = await version('trainers')
  changed = join(src, 'text.ts')
  expect(await version('trainers')).toBe(before)
})
