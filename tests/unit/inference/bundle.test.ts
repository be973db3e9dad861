import { appendFileSync, copyFileSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { create } from 'tar'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openBundle, packBundle, writeBundle, type BundleContent } from '../../../src/inference/bundle.ts'
import { scratchTemplate as template } from './random-model.ts'

let folder: string
let content: BundleContent
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'clitron-bundle-'))
  process.env.CLITRON_CACHE = join(folder, 'cache')
  const gguf = join(folder, 'clitron-demo-q4_k_m.gguf')
  writeFileSync(gguf, Buffer.concat([Buffer.from('GGUF'), Buffer.from([3, 0, 0, 0]), Buffer.alloc(100)]))
  content = { name: 'demo', kind: 'cli', gguf, quantization: 'q4_k_m', base: 'scratch', grammar: 'root ::= "x"\n', template, calibration: { method: 'platt', slope: 1, intercept: 0, rows: 10 }, schemaText: 'cli_name: demo\n' }
})
afterEach(() => {
  delete process.env.CLITRON_CACHE
  rmSync(folder, { recursive: true, force: true })
})

test('what is written is what is read, from the folder, from its GGUF and from the .tgz', async () => {
  const at = join(folder, 'bundle')
  const manifest = await writeBundle(at, content)
  await packBundle(at, join(folder, 'demo.tgz'))
  for (const path of [at, join(at, 'clitron-demo-q4_k_m.gguf'), join(folder, 'demo.tgz'), join(folder, 'demo.tgz')]) {
    const bundle = await openBundle(path)
    expect(bundle).toMatchObject({ manifest, grammar: content.grammar, template, calibration: content.calibration, schemaText: content.schemaText, thresholds: { execute: 0.9 } })
    expect(readFileSync(bundle.gguf)).toEqual(readFileSync(content.gguf))
  }
  expect(readdirSync(join(folder, 'cache', 'bundles'))).toHaveLength(1)
})

test('a second model is packed with its weight and verified like the first; a bundle without one opens as ever', async () => {
  const at = join(folder, 'bundle')
  const gguf = join(folder, 'clitron-demo-intent-q4_k_m.gguf')
  copyFileSync(content.gguf, gguf)
  const asked = { ...template, suffix: '<ask>' }
  await writeBundle(at, { ...content, companion: { name: 'intent', gguf, template: asked, weight: 0.5 } })
  await packBundle(at, join(folder, 'two.tgz'))
  for (const path of [at, join(folder, 'two.tgz')]) {
    const bundle = await openBundle(path)
    expect(bundle.companion).toEqual({ gguf: join(bundle.folder, 'clitron-demo-intent-q4_k_m.gguf'), template: asked, weight: 0.5 })
    expect(bundle.template).toEqual(template)
  }
  appendFileSync(join(at, 'clitron-demo-intent-q4_k_m.gguf'), ' ')
  await expect(openBundle(at)).rejects.toThrow('clitron-demo-intent-q4_k_m.gguf is not the file that clitron.json names')
  await writeBundle(at, content)
  expect(await openBundle(at)).not.toHaveProperty('companion')
})

test('writing again replaces the whole bundle and leaves nothing beside it', async () => {
  const at = join(folder, 'bundle')
  await writeBundle(at, content)
  writeFileSync(join(at, 'stray'), '')
  await writeBundle(at, { ...content, grammar: 'root ::= "y"\n' })
  expect((await openBundle(at)).grammar).toBe('root ::= "y"\n')
  expect(existsSync(join(at, 'stray'))).toBe(false)
  expect(readdirSync(folder).toSorted()).toEqual(['bundle', 'clitron-demo-q4_k_m.gguf'])
})

test.each(['clitron-demo-q4_k_m.gguf', 'grammar.gbnf', 'prompt_template.json', 'calibration.json', 'demo.yaml'])('a changed %s is refused by name', async (file) => {
  const at = join(folder, 'bundle')
  await writeBundle(at, content)
  const whole = readFileSync(join(at, file))
  appendFileSync(join(at, file), ' ')
  await expect(openBundle(at)).rejects.toThrow(file)
  const flipped = Buffer.from(whole)
  flipped[flipped.length - 2]! ^= 1
  writeFileSync(join(at, file), flipped)
  await expect(openBundle(at)).rejects.toThrow(`${file} is not the file that clitron.json names`)
  rmSync(join(at, file))
  await expect(openBundle(at)).rejects.toThrow(`lacks`)
})

test('a GGUF that is none is refused before anything is written', async () => {
  writeFileSync(content.gguf, 'version https://git-lfs.github.com/spec/v1')
  await expect(writeBundle(join(folder, 'bundle'), content)).rejects.toThrow('Expected a GGUF model')
  expect(readdirSync(folder)).toEqual(['clitron-demo-q4_k_m.gguf'])
})

test('what is no bundle is refused with what a bundle is', async () => {
  await expect(openBundle(join(folder, 'nothing'))).rejects.toThrow('there is nothing')
  await expect(openBundle(folder)).rejects.toThrow('Expected clitron.json')
  writeFileSync(join(folder, 'x.tgz'), 'not an archive at all, but long enough to look at')
  await expect(openBundle(join(folder, 'x.tgz'))).rejects.toThrow(/Expected a bundle|Expected clitron.json/)
  writeFileSync(join(folder, 'clitron.json'), '{"format":2}')
  await expect(openBundle(folder)).rejects.toThrow('not a manifest this Clitron reads')
})

test('an archive cannot name files outside the bundle', async () => {
  const at = join(folder, 'bundle')
  await writeBundle(at, content)
  const manifest = JSON.parse(readFileSync(join(at, 'clitron.json'), 'utf8'))
  manifest.files.grammar.file = '../../../etc/passwd'
  writeFileSync(join(at, 'clitron.json'), JSON.stringify(manifest))
  await create({ file: join(folder, 'evil.tgz'), cwd: at, gzip: true }, readdirSync(at))
  await expect(openBundle(join(folder, 'evil.tgz'))).rejects.toThrow('not a manifest')
  expect(readdirSync(join(folder, 'cache', 'bundles'))).toEqual([])
})

test('an interrupted unpacking leaves nothing that the next one trusts', async () => {
  const at = join(folder, 'bundle')
  await writeBundle(at, content)
  appendFileSync(join(at, 'grammar.gbnf'), ' ')
  await create({ file: join(folder, 'broken.tgz'), cwd: at, gzip: true }, readdirSync(at))
  await expect(openBundle(join(folder, 'broken.tgz'))).rejects.toThrow('grammar.gbnf')
  await expect(openBundle(join(folder, 'broken.tgz'))).rejects.toThrow('grammar.gbnf')
})
