import { createHash } from 'node:crypto'
import { createReadStream, existsSync } from 'node:fs'
import { readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { z } from 'zod'
import { InputError } from '../errors.ts'
import { stateDir } from '../paths.ts'
import { copyAtomically, renew, writeAtomically } from './atomic.ts'
import type { Ref } from './ref.ts'

/** A folder as an artifact: the content of a tree's ref. Paths are relative, with forward slashes, sorted. */
const Tree = z.object({ files: z.record(z.string(), z.object({ sha256: z.string(), bytes: z.number() })) })
type Tree = z.infer<typeof Tree>

/**
 * Content-addressed files under one folder: `objects/ab/abcdef…`. Nothing is ever overwritten, so readers need no lock;
 * every read is verified. Several hosts share it through a common folder (CLITRON_STORE).
 */
export class ArtifactStore {
  readonly root: string

  /** @throws InputError for an address where a folder is expected */
  constructor(root = process.env.CLITRON_STORE ?? stateDir('store')) {
    // join() would make a folder of that name.
    const scheme = /^[a-z][a-z0-9+.-]+:\/\//i.exec(root)
    if (scheme) throw new InputError(`CLITRON_STORE is a folder that all hosts see (NFS, a shared volume, a mounted bucket); found an address (${scheme[0]}…). Mount it, and give the folder's path.`)
    this.root = root
  }

  async putFile(file: string, kind: string): Promise<Ref> {
    const { sha256, bytes } = await hashFile(file)
    if (!(await this.#keeps({ sha256, bytes }))) await copyAtomically(file, this.#object(sha256), bytes)
    return { uri: `cas:${sha256}`, sha256, bytes, kind }
  }

  async putText(text: string, kind: string): Promise<Ref> {
    const content = Buffer.from(text)
    const sha256 = createHash('sha256').update(content).digest('hex')
    const bytes = content.length
    if (!(await this.#keeps({ sha256, bytes }))) await writeAtomically(this.#object(sha256), content)
    return { uri: `cas:${sha256}`, sha256, bytes, kind }
  }

  /** Stores every regular file under `folder`; names beginning with a dot are work files and stay out. */
  async putTree(folder: string, kind: string): Promise<Ref> {
    const tree: Tree = { files: {} }
    for (const file of await listFiles(folder)) {
      const { sha256, bytes } = await this.putFile(file, kind)
      tree.files[relative(folder, file).split(sep).join('/')] = { sha256, bytes }
    }
    return this.putText(JSON.stringify(tree), kind)
  }

  /** @throws DamagedArtifact when the stored bytes are not what the ref says (a cut or flipped file is never read), or are gone. */
  async readText(ref: Ref): Promise<string> {
    const content = await this.#read(ref, (file) => readFile(file))
    if (createHash('sha256').update(content).digest('hex') !== ref.sha256) throw await this.#setAside(ref)
    return content.toString('utf8')
  }

  async fetchFile(ref: { sha256: string; bytes: number }, to: string): Promise<void> {
    const found = await this.#read(ref, hashFile)
    if (found.sha256 !== ref.sha256) throw await this.#setAside(ref)
    if ((await sizeIs(to, ref.bytes)) && (await hashFile(to)).sha256 === ref.sha256) return
    await copyAtomically(this.#object(ref.sha256), to, ref.bytes)
  }

  async readTree(ref: Ref): Promise<Tree['files']> {
    return Tree.parse(JSON.parse(await this.readText(ref))).files
  }

  /** The text of one file of a tree; undefined where the tree has none of that path. */
  async readTreeText(ref: Ref, path: string): Promise<string | undefined> {
    const file = (await this.readTree(ref))[path]
    return file && this.readText({ uri: `cas:${file.sha256}`, ...file, kind: ref.kind })
  }

  /** Brings a tree's files into `folder` (all, or those `only` accepts); files that are there and right are left alone. */
  async fetchTree(ref: Ref, folder: string, only: (path: string) => boolean = () => true): Promise<void> {
    for (const [path, file] of Object.entries(await this.readTree(ref))) {
      if (only(path)) await this.fetchFile(file, join(folder, path))
    }
  }

  /**
   * Removes the large files of a tree that `by` does not name. Only for trees that one pointer alone refers to; a small file
   * may be another tree's as well, and is left to `clitron gc`.
   */
  async supersede(tree: Ref, by: Ref): Promise<void> {
    const kept = new Set(Object.values(await this.readTree(by)).map(({ sha256 }) => sha256))
    for (const { sha256, bytes } of Object.values(await this.readTree(tree))) if (bytes >= 1_000_000 && !kept.has(sha256)) await rm(this.#object(sha256), { force: true })
  }

  /** True when the ref (and for a tree each of its files) is here and whole: every byte is read, at about 1 GB a second. */
  async has(ref: Ref, isTree = false): Promise<boolean> {
    if (!(await this.#holds(ref))) return false
    if (!isTree) return true
    for (const file of Object.values(await this.readTree(ref))) if (!(await this.#holds(file))) return false
    return true
  }

  /** A run that puts what is there already needs it from now on. */
  async #keeps(ref: { sha256: string; bytes: number }): Promise<boolean> {
    return (await this.#holds(ref)) && renew(this.#object(ref.sha256))
  }

  /** A damaged object is set aside, so that its content can be put again. */
  async #holds(ref: { sha256: string; bytes: number }): Promise<boolean> {
    const file = this.#object(ref.sha256)
    if (!(await sizeIs(file, ref.bytes))) return false
    const whole = (await hashFile(file)).sha256 === ref.sha256
    if (!whole) await this.#setAside(ref)
    return whole
  }

  async #read<T>({ sha256 }: { sha256: string }, read: (file: string) => Promise<T>): Promise<T> {
    const file = this.#object(sha256)
    try {
      return await read(file)
    } catch (error) {
      // Where there are no objects at all, a disk may not be mounted yet.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || !existsSync(join(this.root, 'objects'))) throw error
      throw new DamagedArtifact(`The stored artifact ${file} is not there any more, or this host has another store (CLITRON_STORE). Run the same command again, and the stage that made it runs again.`)
    }
  }

  async #setAside(ref: { sha256: string; bytes: number }): Promise<DamagedArtifact> {
    const file = this.#object(ref.sha256)
    await rename(file, `${file}.damaged`).catch(() => {})
    return new DamagedArtifact(`The stored artifact ${file} is damaged: expected ${ref.bytes} bytes with sha256 ${ref.sha256}. It was set aside; run the same command again, and the stage that made it runs again.`)
  }

  #object(sha256: string): string {
    return join(this.root, 'objects', sha256.slice(0, 2), sha256)
  }
}

/** The stored bytes are gone, or not those that were put there. The run that refers to them cannot go on; the next one makes them again. */
export class DamagedArtifact extends Error {
  override name = 'DamagedArtifact'
}

export async function hashFile(file: string): Promise<{ sha256: string; bytes: number }> {
  const hash = createHash('sha256')
  let bytes = 0
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 })) {
    hash.update(chunk as Buffer)
    bytes += (chunk as Buffer).length
  }
  return { sha256: hash.digest('hex'), bytes }
}

/** Every regular file under `folder`, sorted; names beginning with a dot, and what lies in such folders, are left out. */
export async function listFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !relative(folder, file).split(sep).some((part) => part.startsWith('.')))
    .sort()
}

async function sizeIs(file: string, bytes: number): Promise<boolean> {
  return stat(file).then((found) => found.size === bytes, () => false)
}
