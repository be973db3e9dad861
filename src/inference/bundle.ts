import { randomUUID } from 'node:crypto'
import { copyFile, link, mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { z } from 'zod'
import { InputError } from '../errors.ts'
import { packageVersion } from '../package-version.ts'
import { cacheDir } from '../paths.ts'
import { hashFile } from '../store/artifacts.ts'
import { replaceFolder, syncFolder } from '../store/atomic.ts'
import { Calibration } from './calibration.ts'
import type { CompanionFile } from './companion.ts'
import { checkGguf } from './gguf.ts'
import { modelfile } from './modelfile.ts'
import { PromptTemplate } from './template.ts'
import { defaultThresholds, Thresholds } from './thresholds.ts'

const manifestName = 'clitron.json'
/** Models up to here are hashed at every opening (0.1 s); larger ones when a bundle is unpacked, and by size afterwards. */
const hashedAlways = 100e6

const BundleFile = z.object({
  /** Plain file name inside the bundle. */
  file: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: z.number(),
})

/** `clitron.json`: what the bundle is, and the hash of every file in it. */
export const Manifest = z.object({
  format: z.literal(1),
  /** The training's name, e.g. "gh". */
  name: z.string(),
  /** Task family. */
  kind: z.string(),
  /** GGUF type, e.g. "q4_k_m". */
  quantization: z.string(),
  /** What was fine-tuned: "scratch" or a hub id. */
  base: z.string(),
  thresholds: Thresholds,
  versions: z.record(z.string(), z.string()),
  created: z.string(),
  /** The second model, which is asked beside the first; absent where there is none. */
  companion: z.object({ name: z.string(), weight: z.number().min(0) }).optional(),
  files: z.object({
    model: BundleFile, grammar: BundleFile, prompt_template: BundleFile, calibration: BundleFile, schema: BundleFile, modelfile: BundleFile,
    companion: BundleFile.optional(), companion_prompt_template: BundleFile.optional(),
  }),
})
export type Manifest = z.infer<typeof Manifest>

/** An opened, verified bundle: all that answering needs. */
export interface Bundle {
  folder: string
  manifest: Manifest
  /** Path of the GGUF. */
  gguf: string
  grammar: string
  template: PromptTemplate
  calibration: Calibration
  thresholds: Thresholds
  companion?: CompanionFile | undefined
  /** The training's YAML. */
  schemaText: string
}

export interface BundleContent {
  name: string
  kind: string
  gguf: string
  quantization: string
  base: string
  grammar: string
  template: PromptTemplate
  calibration: Calibration
  thresholds?: Thresholds | undefined
  companion?: (CompanionFile & { name: string }) | undefined
  schemaText: string
  versions?: Record<string, string> | undefined
}

/**
 * Writes the bundle folder: complete under its name or not at all. The GGUF is hard-linked where the disk allows it.
 * @throws InputError when the GGUF is none
 */
export async function writeBundle(folder: string, content: BundleContent): Promise<Manifest> {
  const { companion } = content
  await checkGguf(content.gguf)
  if (companion) await checkGguf(companion.gguf)
  const target = resolve(folder)
  await mkdir(dirname(target), { recursive: true })
  const part = `${target}.${randomUUID()}.part`
  await mkdir(part)
  try {
    const texts = {
      grammar: ['grammar.gbnf', content.grammar],
      prompt_template: ['prompt_template.json', templateText(content.template)],
      calibration: ['calibration.json', `${JSON.stringify(content.calibration)}\n`],
      schema: [`${content.name}.yaml`, content.schemaText],
      modelfile: ['Modelfile', modelfile(basename(content.gguf), content.template)],
    } as const
    const described = async (file: string) => ({ file, ...(await hashFile(join(part, file))) })
    const linked = async (gguf: string) => {
      const file = basename(gguf)
      await link(gguf, join(part, file)).catch(() => copyFile(gguf, join(part, file)))
      return described(file)
    }
    const written = async ([file, text]: readonly [string, string]) => {
      await writeFile(join(part, file), text, { flush: true })
      return described(file)
    }
    const manifest: Manifest = {
      format: 1,
      name: content.name,
      kind: content.kind,
      quantization: content.quantization,
      base: content.base,
      thresholds: content.thresholds ?? defaultThresholds,
      versions: { clitron: packageVersion(), ...content.versions },
      created: new Date().toISOString(),
      ...(companion && { companion: { name: companion.name, weight: companion.weight } }),
      files: {
        model: await linked(content.gguf),
        grammar: await written(texts.grammar),
        prompt_template: await written(texts.prompt_template),
        calibration: await written(texts.calibration),
        schema: await written(texts.schema),
        modelfile: await written(texts.modelfile),
        ...(companion && { companion: await linked(companion.gguf), companion_prompt_template: await written([`prompt_template.${companion.name}.json`, templateText(companion.template)]) }),
      },
    }
    await writeFile(join(part, manifestName), `${JSON.stringify(Manifest.parse(manifest), null, 1)}\n`, { flush: true })
    await syncFolder(part)
    await replaceFolder(part, target)
    return manifest
  } catch (error) {
    await rm(part, { recursive: true, force: true })
    throw error
  }
}

const templateText = (template: PromptTemplate) => `${JSON.stringify(template, null, 1)}\n`

/** One `.tgz` of a bundle folder, complete or not there. */
export async function packBundle(folder: string, tgz: string): Promise<void> {
  const { create } = await import('tar')
  const { manifest } = await openBundle(folder)
  const part = `${resolve(tgz)}.${randomUUID()}.part`
  try {
    // A quantized model does not compress; level 1 costs the least time for the texts.
    await create({ file: part, cwd: resolve(folder), gzip: { level: 1 }, portable: true }, [manifestName, ...Object.values(manifest.files).map(({ file }) => file)])
    await rename(part, resolve(tgz))
  } catch (error) {
    await rm(part, { force: true })
    throw error
  }
}

/**
 * Opens a bundle folder, the GGUF in one, or a `.tgz` (unpacked once into the user's cache).
 * @throws InputError when something is missing, changed, or no bundle at all
 */
export async function openBundle(path: string): Promise<Bundle> {
  const at = await stat(path).catch(() => undefined)
  if (!at) throw new InputError(`Expected a bundle at ${path}: a folder with ${manifestName} or a .tgz; there is nothing. Train a model (clitron train NAME) or check the path.`)
  if (at.isDirectory()) return readBundle(resolve(path))
  if (/\.gguf$/i.test(path)) return readBundle(dirname(resolve(path)))
  return readBundle(await unpack(resolve(path)))
}

async function readBundle(folder: string): Promise<Bundle> {
  const text = await readFile(join(folder, manifestName), 'utf8').catch(() => {
    throw new InputError(`Expected ${manifestName} in ${folder}, which makes a folder a bundle; it is not there. Give a folder that Clitron wrote.`)
  })
  const parsed = Manifest.safeParse(json(text, join(folder, manifestName)))
  if (!parsed.success) throw new InputError(`${join(folder, manifestName)} is not a manifest this Clitron reads: ${z.prettifyError(parsed.error).replaceAll('\n', ' ')}.`)
  const manifest = parsed.data
  const read = async (entry: z.infer<typeof BundleFile>) => {
    await verify(folder, entry)
    return readFile(join(folder, entry.file), 'utf8')
  }
  const { files } = manifest
  const model = async (entry: z.infer<typeof BundleFile>) => {
    await verify(folder, entry)
    await checkGguf(join(folder, entry.file))
    return join(folder, entry.file)
  }
  const template = async (entry: z.infer<typeof BundleFile>) => PromptTemplate.parse(json(await read(entry), entry.file))
  const { companion, companion_prompt_template: asked } = files
  return {
    folder,
    manifest,
    gguf: await model(files.model),
    grammar: await read(files.grammar),
    template: await template(files.prompt_template),
    calibration: Calibration.parse(json(await read(files.calibration), files.calibration.file)),
    thresholds: manifest.thresholds,
    ...(companion && asked && { companion: { gguf: await model(companion), template: await template(asked), weight: manifest.companion?.weight ?? 0 } }),
    schemaText: await read(files.schema),
  }
}

async function verify(folder: string, { file, sha256, bytes }: z.infer<typeof BundleFile>, always = false): Promise<void> {
  const path = join(folder, file)
  const size = (await stat(path).catch(() => undefined))?.size
  if (size === undefined) throw new InputError(`The bundle lacks ${path}. Write it again (clitron quantize NAME) or unpack it again.`)
  const same = size === bytes && ((bytes > hashedAlways && !always) || (await hashFile(path)).sha256 === sha256)
  if (!same) throw new InputError(`${path} is not the file that ${manifestName} names (size or SHA-256 differ): it was changed or cut. Write the bundle again (clitron quantize NAME) or unpack it again.`)
}

/** Unpacked under the archive's own hash, so that each archive is unpacked once. */
async function unpack(tgz: string): Promise<string> {
  const folder = cacheDir('bundles', (await hashFile(tgz)).sha256.slice(0, 32))
  if (await stat(join(folder, manifestName)).catch(() => undefined)) return folder
  await mkdir(cacheDir('bundles'), { recursive: true })
  const part = await mkdtemp(`${folder}.`)
  try {
    const { extract } = await import('tar')
    // Plain files at the top only: nothing in an archive may name another place.
    await extract({ file: tgz, cwd: part, strict: true, filter: (path, entry) => !/[\\/]/.test(path.replace(/^\.\//, '')) && 'type' in entry && entry.type === 'File' }).catch((error: Error) => {
      throw new InputError(`Expected a bundle (.tgz) at ${tgz}; it cannot be unpacked: ${error.message}.`)
    })
    const { manifest } = await readBundle(part)
    for (const entry of Object.values(manifest.files)) await verify(part, entry, true)
    await rename(part, folder).catch(async (error: NodeJS.ErrnoException) => {
      // Another process was faster.
      if (!['ENOTEMPTY', 'EEXIST', 'EPERM'].includes(error.code ?? '')) throw error
      await rm(part, { recursive: true, force: true })
    })
    return folder
  } catch (error) {
    await rm(part, { recursive: true, force: true })
    throw error
  }
}

function json(text: string, file: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new InputError(`${file} is not JSON: ${(error as Error).message}.`)
  }
}
