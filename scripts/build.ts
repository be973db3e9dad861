// npm run build: what the package holds instead of src/. Node strips no types under node_modules, and a worker there
// should not need a bundler at start.
import { cp, readdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { bundleWorkflows } from '../src/temporal/bundle.ts'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')
const source = join(root, 'src')
const dist = join(root, 'dist')

await rm(dist, { recursive: true, force: true })
const { failed } = await execa('tsc', ['-p', 'tsconfig.build.json'], { cwd: root, preferLocal: true, stdio: 'inherit', reject: false })
if (failed) process.exit(1)

// Pages and templates that the code reads from beside itself.
for (const entry of await readdir(source, { recursive: true, withFileTypes: true })) {
  if (entry.isFile() && !entry.name.endsWith('.ts')) await cp(join(entry.parentPath, entry.name), join(dist, entry.parentPath.slice(source.length), entry.name))
}

// One for payloads in clear, one for encoded ones.
for (const [name, failureConverterPath] of [['workflow-bundle', undefined], ['workflow-bundle-encoded', join(source, 'temporal', 'failure-converter.ts')]] as const) {
  const code = await bundleWorkflows(source, failureConverterPath)
  await writeFile(join(dist, `${name}.js`), code)
  process.stdout.write(`dist/${name}.js has ${(code.length / 1e6).toFixed(1)} MB\n`)
}
