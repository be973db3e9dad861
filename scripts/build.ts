// npm run build: what the package holds instead of src/. Node strips no types under node_modules, and a worker there
// should not need a bundler at start.
import { cp, readdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker'
import { execa } from 'execa'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')
const dist = join(root, 'dist')

await rm(dist, { recursive: true, force: true })
const { failed } = await execa('tsc', ['-p', 'tsconfig.build.json'], { cwd: root, preferLocal: true, stdio: 'inherit', reject: false })
if (failed) process.exit(1)

// Pages and templates that the code reads from beside itself.
for (const entry of await readdir(join(root, 'src'), { recursive: true, withFileTypes: true })) {
  if (entry.isFile() && !entry.name.endsWith('.ts')) await cp(join(entry.parentPath, entry.name), join(dist, entry.parentPath.slice(join(root, 'src').length), entry.name))
}

// One for payloads in clear, one for encoded ones: how failures are written is part of a bundle.
for (const [name, failureConverterPath] of [['workflow-bundle', undefined], ['workflow-bundle-encoded', join(root, 'src', 'temporal', 'failure-converter.ts')]] as const) {
  const { code } = await bundleWorkflowCode({ workflowsPath: join(root, 'src', 'workflows', 'index.ts'), workflowInterceptorModules: [join(root, 'src', 'workflows', 'summaries.ts')], logger: new DefaultLogger('WARN'), ...(failureConverterPath && { failureConverterPath }) })
  await writeFile(join(dist, `${name}.js`), code)
  process.stdout.write(`dist/${name}.js has ${(code.length / 1e6).toFixed(1)} MB\n`)
}
