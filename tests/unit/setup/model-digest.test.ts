import { cpSync, mkdtempSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { modelDigest } from '../../../src/setup/model-digest.ts'

function folder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'base-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  for (const name of ['config.json', 'tokenizer.json', 'model.safetensors']) writeFileSync(join(folder, name), name)
  return folder
}

test('a copy of a model folder has its digest, whatever its path and times', async () => {
  const [here, there] = [folder(), folder()]
  cpSync(here, there, { recursive: true })
  utimesSync(join(there, 'model.safetensors'), 1, 1)
  expect(await modelDigest(there)).toBe(await modelDigest(here))
})

test.each(['config.json', 'tokenizer.json', 'model.safetensors', 'chat_template.jinja'])('another %s is noticed', async (name) => {
  const base = folder()
  const before = await modelDigest(base)
  writeFileSync(join(base, name), 'another')
  expect(await modelDigest(base)).not.toBe(before)
})

test('so are other weights of the same length and time', async () => {
  const base = folder()
  const weights = join(base, 'model.safetensors')
  const { mtime } = statSync(weights)
  const before = await modelDigest(base)
  writeFileSync(weights, 'MODEL.safetensors')
  utimesSync(weights, mtime, mtime)
  expect(await modelDigest(base)).not.toBe(before)
})

test('what no trainer reads may change', async () => {
  const base = folder()
  const before = await modelDigest(base)
  for (const name of ['README.md', '.gitattributes', 'consolidated.pth']) writeFileSync(join(base, name), 'x')
  expect(await modelDigest(base)).toBe(before)
})
