import { readdir, rm } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import type { Hooks } from '../dataset/hooks.ts'
import { GateError } from '../errors.ts'
import { openBundle } from '../inference/bundle.ts'
import { isAlive } from '../process/identity.ts'
import { redact } from '../redact.ts'
import type { Registry, Version } from '../registry/registry.ts'
import { type ArtifactStore, DamagedArtifact } from '../store/artifacts.ts'
import { replaceFolder, writeAtomically } from '../store/atomic.ts'
import { loadSchema } from '../tasks/index.ts'
import { escapeRegExp } from '../text.ts'
import { typedOptions } from '../earlier-options.ts'
import { apiDocumentation } from './api-documentation.ts'
import { type Contents, contentsOf, fetchContents, weightsFolder, writeSmokeRows } from './contents.ts'
import { deploymentGuide } from './deployment-guide.ts'
import { type PackageManifest, sealPackage } from './manifest.ts'
import { measureApart } from './measure-process.ts'
import { monitoringSetup } from './monitoring.ts'
import type { Measured, Performance } from './performance.ts'
import { rollbackProcedure } from './rollback-procedure.ts'
import { requirePassed } from './smoke-test.ts'

interface Wanted {
  store: ArtifactStore
  registry: Registry
  version: Version
  folder: string
  /** Of each level of the load test. */
  seconds: number
}

/**
 * Lays a version out as a folder that can be deployed, asks the folder itself, and writes what that came to beside it. Complete under its name, or
 * not at all; what stood there before is replaced.
 * @throws GateError when the packed model does not pass its smoke test
 */
export async function pack({ store, registry, version, folder, seconds }: Wanted, hooks: Hooks = {}): Promise<{ manifest: PackageManifest; performance: Performance }> {
  const { name } = registry
  const target = resolve(folder)
  await sweepLeft(target)
  const part = join(dirname(target), `.${basename(target)}.${process.pid}.part`)
  try {
    const { contents, report } = await contentsOf(store, version)
    await fetchContents(store, contents, part)
    await writeSmokeRows(store, version, part)
    const about = {
      format: 1 as const, name, kind: report.kind, version: version.version, base: version.base, quantization: version.quant, created: new Date().toISOString(),
      evaluation: { n: report.scores.test.n, equivalent: report.scores.test.equivalent, interval: report.scores.test.interval },
    }
    const measured = await measureApart(part, seconds, hooks)
    requirePassed(measured.performance, about)
    const bundle = await openBundle(join(part, weightsFolder))
    const task = loadSchema({ name, file: bundle.manifest.files.schema.file, text: bundle.schemaText })
    const texts: Record<string, string> = {
      'performance.json': document(measured.performance),
      'monitoring_setup.json': document(monitoringSetup({ name, version: version.version, report, performance: measured.performance })),
      'api_documentation.md': apiDocumentation({ name, version: version.version, ...task, bundle, measured }),
      'deployment_guide.md': deploymentGuide({ about, folder: basename(target), paths: Object.keys(contents), bundle, measured }),
      'rollback_procedure.md': await rollbackProcedure({ store, registry, version, folder: basename(target) }),
    }
    // It is passed on, with questions of people in it.
    for (const [file, text] of Object.entries(texts)) await writeAtomically(join(part, file), redact(text))
    const manifest = await sealPackage(part, about)
    requireCopied(manifest, contents)
    hooks.signal?.throwIfAborted()
    await replaceFolder(part, target)
    return { manifest, performance: measured.performance }
  } catch (error) {
    await rm(part, { recursive: true, force: true })
    if (error instanceof DamagedArtifact) throw new DamagedArtifact(`Version ${version.version} of ${name} cannot be packed: ${error.message} That command is \`npx ${['clitron train', name, typedOptions(version.options ?? {})].join(' ').trim()}\`.`)
    if (error instanceof GateError) throw new GateError(`Version ${version.version} of ${name} does not pass its smoke test: ${error.message} Nothing was written to ${folder}.`)
    throw error
  }
}

/** Numbers with as many digits as they were measured. */
const document = (value: Measured['performance'] | object) => `${JSON.stringify(value, (_key, each: unknown) => (typeof each === 'number' && !Number.isInteger(each) ? Number(each.toPrecision(4)) : each), 2)}\n`

/** A large model's bytes are looked at here only. */
function requireCopied({ files }: PackageManifest, contents: Contents): void {
  for (const [path, { sha256 }] of Object.entries(contents)) if (files[path]?.sha256 !== sha256) throw new GateError(`${path} was copied otherwise than it is stored; the disk may be failing.`)
}

/** What a killed attempt left beside the folder. */
async function sweepLeft(target: string): Promise<void> {
  const pattern = new RegExp(`^\\.${escapeRegExp(basename(target))}\\.(\\d+)\\.part$`)
  for (const entry of await readdir(dirname(target)).catch((): string[] => [])) {
    const pid = pattern.exec(entry)?.[1]
    if (pid && !isAlive({ pid: Number(pid), start: '' })) await rm(join(dirname(target), entry), { recursive: true, force: true })
  }
}
