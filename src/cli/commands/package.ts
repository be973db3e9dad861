import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { ExitCode, InputError } from '../../errors.ts'
import { packageFile, readPackage, strangeFile, verifyFiles } from '../../production/manifest.ts'
import { measureApart } from '../../production/measure-process.ts'
import { pack } from '../../production/pack.ts'
import type { Performance } from '../../production/performance.ts'
import { requirePassed } from '../../production/smoke-test.ts'
import { chosenVersion, readRegistry } from '../../registry/registry.ts'
import { ArtifactStore } from '../../store/artifacts.ts'
import { checkFolder } from '../check-folder.ts'
import { bold, dim, note, print, printJson, showProgress, size, table } from '../print.ts'
import { checkKnown } from '../schema.ts'

interface Options {
  modelVersion?: number
  /** Of each level of the load test. */
  seconds: number
  check?: boolean
  json?: boolean
}

/** Lays a version out as a folder that can be deployed, tested as it lies there; or tests such a folder. */
export async function packageModel(name: string, folder: string, { modelVersion, seconds, check, json }: Options): Promise<void> {
  if (check && modelVersion !== undefined) throw new InputError('--check tests the version that is in the folder; --model-version is for packing another.')
  const stop = new AbortController()
  const interrupt = () => stop.abort()
  process.once('SIGINT', interrupt)
  const hooks = { signal: stop.signal, onProgress: process.stderr.isTTY ? showProgress : undefined }
  try {
    const { version, performance } = check ? await checkPackage(name, folder, seconds, hooks) : await packVersion(name, folder, { modelVersion, seconds }, hooks)
    if (json) return printJson({ name, version, folder, ...performance })
    print(check ? `${folder} is whole, and answers as version ${version} of ${name} was evaluated.` : `Version ${version} of ${name} is in ${folder}, and answers there as it was evaluated.`)
    show(performance)
    if (!check) print(`Begin with ${bold(join(folder, 'deployment_guide.md'))}.`)
  } catch (error) {
    if (!stop.signal.aborted) throw error
    if (json) printJson({ name, folder, interrupted: true })
    note(check ? 'Interrupted.' : `Interrupted; nothing was written to ${folder}.`)
    process.exitCode = ExitCode.cancelled
  } finally {
    process.removeListener('SIGINT', interrupt)
  }
}

interface Done {
  version: number
  performance: Performance
}

type Hooks = Parameters<typeof pack>[1]

async function packVersion(name: string, to: string, { modelVersion, seconds }: Pick<Options, 'modelVersion' | 'seconds'>, hooks: Hooks): Promise<Done> {
  await checkKnown(name)
  const store = new ArtifactStore()
  const registry = await readRegistry(store, name)
  const version = chosenVersion(registry, modelVersion)
  const folder = resolve(to)
  await checkFolder(folder, to, { marker: packageFile, earlier: 'an earlier package' })
  if (existsSync(join(folder, packageFile))) {
    const strange = await strangeFile(folder, await readPackage(folder, to))
    if (strange) throw new InputError(`${to} is an earlier package and would be replaced, but ${strange} in it is not of that package. Take it out, or give another folder.`)
  }
  const { performance } = await pack({ store, registry, version, folder: to, seconds }, hooks)
  return { version: version.version, performance }
}

async function checkPackage(name: string, folder: string, seconds: number, hooks: NonNullable<Hooks>): Promise<Done> {
  const manifest = await readPackage(resolve(folder), folder)
  if (manifest.name !== name) throw new InputError(`Expected a package of ${name} in ${folder}, found one of ${manifest.name}: \`clitron package ${manifest.name} ${folder} --check\`.`)
  await verifyFiles(resolve(folder), manifest)
  const { performance } = await measureApart(folder, seconds, hooks)
  requirePassed(performance, manifest)
  return { version: manifest.version, performance }
}

function show({ smoke_test: { recorded, alike, test }, load_ms, load_test, memory, model }: Performance): void {
  print(table([
    ['  smoke test', `${recorded ? `${alike} of ${recorded} questions answered as in the evaluation, ` : ''}${test.right} of ${test.n} of the test split rightly`],
    ['  loading', `${load_ms.toFixed(0)} ms`],
    ...load_test.map(({ at_once, answers_per_second, latency_ms: { p50, p95, p99 } }) => [`  ${at_once} at a time`, `${answers_per_second.toFixed(1)} answers a second; ${p50.toFixed(1)} ms median, ${p95.toFixed(1)} ms p95, ${p99.toFixed(1)} ms p99`]),
    ['  memory', `${size(memory.loaded)} loaded, ${size(memory.peak)} at most`],
    ['  model', `${model.file}, ${size(model.bytes)}`],
  ]).split('\n').map((line) => dim(line)).join('\n'))
}
