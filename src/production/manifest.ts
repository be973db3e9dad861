import { readdir, readFile } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { z } from 'zod'
import { GateError, InputError } from '../errors.ts'
import { hashFile, listFiles } from '../store/artifacts.ts'
import { writeAtomically } from '../store/atomic.ts'
import { parseJson } from '../store/json-file.ts'

/** What a package is told by; written last. */
export const packageFile = 'production.json'

/** The content of production.json: which version this is, how it scored, and the hash of every other file. */
export const PackageManifest = z.object({
  format: z.literal(1),
  /** The training's name, e.g. "gh". */
  name: z.string(),
  kind: z.string(),
  /** Its number in the list of versions. */
  version: z.int(),
  base: z.string(),
  quantization: z.string(),
  created: z.string(),
  /** Of the evaluation, on the test split. */
  evaluation: z.object({ n: z.int(), equivalent: z.number(), interval: z.tuple([z.number(), z.number()]) }),
  /** By path inside the folder, with forward slashes. */
  files: z.record(z.string(), z.object({ sha256: z.string(), bytes: z.number() })),
})
export type PackageManifest = z.infer<typeof PackageManifest>

/** Writes the manifest over what `folder` holds by now. */
export async function sealPackage(folder: string, about: Omit<PackageManifest, 'files'>): Promise<PackageManifest> {
  const files: PackageManifest['files'] = {}
  for (const file of await listFiles(folder)) files[relative(folder, file).split(sep).join('/')] = await hashFile(file)
  await writeAtomically(join(folder, packageFile), `${JSON.stringify({ ...about, files }, null, 1)}\n`)
  return { ...about, files }
}

/** @throws InputError when there is no package in the folder */
export async function readPackage(folder: string, shown: string): Promise<PackageManifest> {
  const text = await readFile(join(folder, packageFile), 'utf8').catch(() => {
    throw new InputError(`Expected ${packageFile} in ${shown}, which makes a folder a package; it is not there. Give a folder that \`clitron package\` wrote.`)
  })
  const parsed = PackageManifest.safeParse(parseJson(text))
  if (!parsed.success) throw new InputError(`${join(shown, packageFile)} is not a manifest this Clitron reads; copy the package again, or pack it again.`)
  return parsed.data
}

/** Reads every byte. @throws GateError naming the first file that is gone, or is not what was packed */
export async function verifyFiles(folder: string, { files }: PackageManifest): Promise<void> {
  for (const [path, { sha256, bytes }] of Object.entries(files)) {
    const found = await hashFile(join(folder, path)).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error
    })
    if (!found) throw new GateError(`The package lacks ${path}. Copy it again, or pack it again.`)
    if (found.sha256 !== sha256) throw new GateError(`${path} is not the file that was packed: expected ${bytes} bytes with sha256 ${sha256}, found ${found.bytes} with ${found.sha256}. Copy it again, or pack it again.`)
  }
}

/** The first file in an earlier package that is not of it: packing again would remove it. */
export async function strangeFile(folder: string, { files }: PackageManifest): Promise<string | undefined> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = entries.filter((entry) => !entry.isDirectory()).map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
  return paths.find((path) => path !== packageFile && !Object.hasOwn(files, path))
}
