import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { create } from 'tar'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { leaks } from './search.ts'

const folder = mkdtempSync(join(tmpdir(), 'clitron-search-'))
const key = 'teacher-4f1b0c9a7d'
beforeAll(async () => {
  mkdirSync(join(folder, 'source/deep'), { recursive: true })
  mkdirSync(join(folder, 'found/store'), { recursive: true })
  // Long enough that gzip does not leave the text as it is.
  writeFileSync(join(folder, 'source/deep/MODEL.md'), `${'This model was made of words. '.repeat(200)}${key}\n${'And of words. '.repeat(200)}`)
  await create({ file: join(folder, 'found/clitron-notes.tgz'), gzip: true, cwd: join(folder, 'source') }, ['deep'])
  copyFileSync(join(folder, 'found/clitron-notes.tgz'), join(folder, 'found/store/0a1b2c'))
  writeFileSync(join(folder, 'found/plain.log'), `the key is ${key}`)
  writeFileSync(join(folder, 'found/harmless.log'), 'no key')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('a key is found in plain files and in packed ones, whatever they are called', () => {
  expect(leaks(join(folder, 'found'), { key, other: 'not there' })).toEqual(['key in clitron-notes.tgz', 'key in plain.log', 'key in store/0a1b2c'])
})

test('bytes that only begin as gzip does are searched as they stand; an archive that cannot be unpacked is no archive without a key', () => {
  const broken = join(folder, 'broken')
  mkdirSync(broken)
  writeFileSync(join(broken, 'weights'), Buffer.concat([Buffer.from([0x1f, 0x8b]), Buffer.from(key)]))
  expect(leaks(broken, { key })).toEqual(['key in weights'])
  writeFileSync(join(broken, 'model.tgz'), 'cut')
  expect(() => leaks(broken, { key })).toThrow('model.tgz cannot be unpacked')
})
