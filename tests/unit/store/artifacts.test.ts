import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync, appendFileSync, existsSync, utimesSync } from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { InputError } from '../../../src/errors.ts'
import { ownIdentity } from '../../../src/process/identity.ts'
import { ArtifactStore } from '../../../src/store/artifacts.ts'
import { writeAtomically } from '../../../src/store/atomic.ts'
import { takeFence } from '../../../src/store/fence.ts'
import { collect } from '../../../src/store/garbage.ts'
import { sealed } from '../../../src/store/json-file.ts'
import { inputsKey, recall, record } from '../../../src/store/memo.ts'

let folder: string
let store: ArtifactStore
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'clitron-store-'))
  store = new ArtifactStore(join(folder, 'store'))
})

const object = (sha256: string) => join(store.root, 'objects', sha256.slice(0, 2), sha256)

/** One bit in the middle, or at `at`: the size stays. */
function flip(file: string, at = Math.floor(readFileSync(file).length / 2)): void {
  const content = readFileSync(file)
  content[at]! ^= 1
  writeFileSync(file, content)
}

describe('the artifact store', () => {
  test('gives back what was put in, and the same content is one object', async () => {
    const first = await store.putText('weights', 'model')
    const second = await store.putText('weights', 'model')
    expect(second).toEqual(first)
    expect(await store.readText(first)).toBe('weights')
  })

  test('is a folder, not an address', () => {
    vi.stubEnv('CLITRON_STORE', 's3://bucket/store')
    expect(() => new ArtifactStore()).toThrow(new InputError('CLITRON_STORE is a folder that all hosts see (NFS, a shared volume, a mounted bucket); found an address (s3://…). Mount it, and give the folder\'s path.'))
    vi.unstubAllEnvs()
  })

  test('never reads a file that was cut, at any sixteenth of its length', async () => {
    const content = 'x'.repeat(1600)
    const ref = await store.putText(content, 'rows')
    for (let sixteenth = 0; sixteenth < 16; sixteenth++) {
      for (const read of [() => store.readText(ref), () => store.fetchFile(ref, join(folder, 'out'))]) {
        truncateSync(object(ref.sha256), (content.length * sixteenth) / 16)
        expect(await store.has(ref)).toBe(false)
        await expect(read()).rejects.toThrow(/damaged/)
        expect(await store.has(ref)).toBe(false)
        expect(await store.putText(content, 'rows')).toEqual(ref)
      }
    }
  })

  test('a file that is gone is told as such, unless the whole store is not there yet', async () => {
    const ref = await store.putText('weights', 'model')
    rmSync(object(ref.sha256))
    for (const read of [() => store.readText(ref), () => store.fetchFile(ref, join(folder, 'out'))]) await expect(read()).rejects.toMatchObject({ name: 'DamagedArtifact', message: expect.stringMatching(/is not there any more.*Run the same command again/) })
    rmSync(store.root, { recursive: true })
    await expect(store.readText(ref)).rejects.toMatchObject({ code: 'ENOENT' })
  })

  test('finds a flipped byte when it is read', async () => {
    const ref = await store.putText('abcdef', 'rows')
    writeFileSync(object(ref.sha256), 'abcdeX')
    await expect(store.fetchFile(ref, join(folder, 'out'))).rejects.toThrow(/damaged/)
    expect(existsSync(join(folder, 'out'))).toBe(false)
  })

  test('a damaged file is not taken for the content that is put once more', async () => {
    const ref = await store.putText('abcdef', 'rows')
    flip(object(ref.sha256))
    expect(await store.putText('abcdef', 'rows')).toEqual(ref)
    expect(await store.readText(ref)).toBe('abcdef')
  })

  test('carries a folder as one tree, without its work files', async () => {
    mkdirSync(join(folder, 'model/sub'), { recursive: true })
    writeFileSync(join(folder, 'model/a.json'), '{}')
    writeFileSync(join(folder, 'model/sub/b.bin'), 'b')
    writeFileSync(join(folder, 'model/.lease'), 'no')
    const tree = await store.putTree(join(folder, 'model'), 'model')
    await store.fetchTree(tree, join(folder, 'copy'))
    expect(Object.keys(await store.readTree(tree))).toEqual(['a.json', 'sub/b.bin'])
    expect(readFileSync(join(folder, 'copy/sub/b.bin'), 'utf8')).toBe('b')
    expect(existsSync(join(folder, 'copy/.lease'))).toBe(false)
  })

  test('a tree that lacks one of its files does not count as there', async () => {
    mkdirSync(join(folder, 'm'))
    writeFileSync(join(folder, 'm/a'), 'aa')
    const tree = await store.putTree(join(folder, 'm'), 'model')
    const { a } = await store.readTree(tree)
    truncateSync(object(a!.sha256), 1)
    expect(await store.has(tree, true)).toBe(false)
  })
})

test('a full disk is told with file and sizes, leaves nothing behind, and takes the same again once there is room', async (context) => {
  const disk = mkdtempSync(join(tmpdir(), 'clitron-disk-'))
  const mounted = await execa('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', disk], { reject: false })
  if (mounted.exitCode !== 0) return context.skip('only root can mount a small disk here')
  try {
    const small = new ArtifactStore(join(disk, 'store'))
    writeFileSync(join(disk, 'ballast'), Buffer.alloc(150_000))
    writeFileSync(join(folder, 'model.gguf'), Buffer.alloc(120_000, 1))
    const text = 'x'.repeat(120_000)
    for (const put of [() => small.putText(text, 'rows'), () => small.putFile(join(folder, 'model.gguf'), 'gguf'), () => record(small, 'sft', 'k', { facts: { text } })]) {
      await expect(put()).rejects.toMatchObject({ code: 'ENOSPC', message: expect.stringMatching(/^\/\S+ takes 120\d{3} bytes, \d+ are free$/) })
      expect(readdirSync(disk, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).map(({ name }) => name)).toEqual(['ballast'])
    }
    rmSync(join(disk, 'ballast'))
    const ref = await small.putText(text, 'rows')
    expect(await small.readText(ref)).toBe(text)
  } finally {
    await execa('umount', ['-l', disk])
  }
})

describe('the memo of stages', () => {
  test('a key does not depend on the order of names, and depends on every value', () => {
    expect(inputsKey({ a: 1, b: [2, { c: 3 }] })).toBe(inputsKey({ b: [2, { c: 3 }], a: 1 }))
    expect(inputsKey({ a: 1 })).not.toBe(inputsKey({ a: 2 }))
    expect(inputsKey({ a: 1, b: undefined })).toBe(inputsKey({ a: 1 }))
  })

  test('an output whose artifact was damaged is made again', async () => {
    const rows = await store.putText('rows', 'rows')
    await record(store, 'generate', 'k', { files: { rows } })
    expect(await recall(store, 'generate', 'k')).toEqual({ files: { rows } })
    appendFileSync(object(rows.sha256), '!')
    expect(await recall(store, 'generate', 'k')).toBeUndefined()
  })

  test('one of which a byte was flipped is made again, and is whole afterwards', async () => {
    mkdirSync(join(folder, 'm'))
    writeFileSync(join(folder, 'm/weights'), 'weights')
    for (const harmed of ['rows', 'manifest', 'weights'] as const) {
      const output = { files: { rows: await store.putText('rows', 'rows') }, trees: { model: await store.putTree(join(folder, 'm'), 'model') } }
      await record(store, 'sft', 'k', output)
      expect(await recall(store, 'sft', 'k')).toEqual(output)
      const { weights } = await store.readTree(output.trees.model)
      flip(object({ rows: output.files.rows, manifest: output.trees.model, weights: weights! }[harmed].sha256))
      expect(await recall(store, 'sft', 'k'), harmed).toBeUndefined()
    }
  })

  test('a memo of which a byte was flipped, wherever it is, counts as none', async () => {
    const rows = await store.putText('rows', 'rows')
    await record(store, 'eval', 'k', { files: { rows }, facts: { score: 0.91 } })
    const file = join(store.root, 'memo/eval/k.json')
    for (let at = 0; at < readFileSync(file).length; at += 7) {
      flip(file, at)
      expect(await recall(store, 'eval', 'k'), `byte ${at}`).toBeUndefined()
      flip(file, at)
    }
    expect(await recall(store, 'eval', 'k')).toBeDefined()
  })

  test('a memo that was cut, at any sixteenth of its length, counts as none and is made again', async () => {
    const rows = await store.putText('rows', 'rows')
    const file = join(store.root, 'memo/generate/k.json')
    for (let sixteenth = 0; sixteenth < 16; sixteenth++) {
      await record(store, 'generate', 'k', { files: { rows } })
      truncateSync(file, Math.floor((readFileSync(file).length * sixteenth) / 16))
      expect(await recall(store, 'generate', 'k')).toBeUndefined()
    }
    await record(store, 'generate', 'k', { files: { rows } })
    expect(await recall(store, 'generate', 'k')).toEqual({ files: { rows } })
  })
})

describe('garbage collection', () => {
  const day = 24 * 3600 * 1000
  const later = (days: number) => Date.now() + days * day

  beforeEach(() => {
    vi.stubEnv('CLITRON_STORE', store.root)
    vi.stubEnv('CLITRON_HOME', folder)
  })
  afterEach(() => void vi.unstubAllEnvs())

  test('takes only what nothing refers to, and nothing that is young', async () => {
    const kept = await store.putText('kept', 'rows')
    const dropped = await store.putText('dropped', 'rows')
    await record(store, 'generate', 'k', { files: { kept } })
    expect((await collect({ remove: true })).objects).toBe(0)
    expect(await collect({ remove: false, now: later(2) })).toMatchObject({ objects: 1, bytes: 7 })
    expect(await store.has(dropped)).toBe(true)
    await collect({ remove: true, now: later(2) })
    expect(await store.has(dropped)).toBe(false)
    expect(await store.has(kept)).toBe(true)
    // Put or recalled once more, a file counts as new.
    const old = new Date(Date.now() - 40 * day)
    const again = await store.putText('again', 'rows')
    for (const file of [object(again.sha256), object(kept.sha256), join(store.root, 'memo/generate/k.json')]) utimesSync(file, old, old)
    await store.putText('again', 'rows')
    await recall(store, 'generate', 'k')
    await collect({ remove: true })
    expect([await store.has(again), await store.has(kept)]).toEqual([true, true])
  })

  test('forgets the checkpoint of a training of which nothing was heard for thirty days, and the numbers of its attempts', async () => {
    const tree = await store.putText('{"files":{}}', 'checkpoint')
    await writeAtomically(join(store.root, 'checkpoints/sft-k.json'), sealed({ name: 'checkpoint-1', tree }))
    const isNewest = await takeFence(store, 'sft', 'k')
    await collect({ remove: true, now: later(29) })
    expect([await store.has(tree), await isNewest()]).toEqual([true, true])
    await collect({ remove: true, now: later(31) })
    expect([await store.has(tree), existsSync(join(store.root, 'checkpoints/sft-k.json')), await isNewest()]).toEqual([false, false, false])
  })

  test('takes the work folder of an attempt whose worker is dead, and of another host only after thirty days', async () => {
    const work = (name: string, lease?: object) => {
      const path = join(folder, 'work/notes', name)
      mkdirSync(path, { recursive: true })
      if (lease) writeFileSync(`${path}.lease.json`, JSON.stringify({ token: 't', ...lease }))
    }
    const dead = { host: hostname(), pid: process.pid, start: 'of another process' }
    work('sft-over')
    work('sft-dead', { worker: dead })
    work('sft-alive', { worker: { host: hostname(), ...ownIdentity() } })
    work('sft-elsewhere', { worker: { ...dead, host: 'elsewhere' } })
    const left = () => readdirSync(join(folder, 'work/notes')).filter((name) => !name.endsWith('.json'))
    expect(await collect({ remove: true })).toMatchObject({ workFolders: 0 })
    expect(await collect({ remove: true, now: later(2) })).toMatchObject({ workFolders: 2 })
    expect(left()).toEqual(['sft-alive', 'sft-elsewhere'])
    expect(existsSync(join(folder, 'work/notes/sft-dead.lease.json'))).toBe(false)
    await collect({ remove: true, now: later(31) })
    expect(left()).toEqual(['sft-alive'])
  })
})
