// npm run lock:python: pins what the trainers import, with hashes and without addresses of any index.
// Pass packages to move them alone: npm run lock:python -- --upgrade-package trl
import { readFile, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execa } from 'execa'
import { ensurePython } from '../src/setup/python.ts'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')
const uv = join(dirname(await ensurePython({ onProgress: ({ message }) => console.error(message) })), 'uv')
const compile = (args: string[], input?: string) => execa(uv, ['pip', 'compile', '--generate-hashes', '--no-emit-index-url', '--universal', '--python-version', '3.11', '--custom-compile-command', 'npm run lock:python', '--quiet', ...args], { cwd: root, ...(input && { input }), stdio: ['pipe', 'pipe', 'inherit'] })

await compile(['trainers/requirements.in', '-o', 'trainers/requirements.lock', ...process.argv.slice(2)])
const installer = await compile(['-'], 'uv\n')
await writeFile(join(root, 'trainers', 'uv.txt'), `# The installer that Clitron puts into its own Python environment (src/setup/python.ts).\n${installer.stdout}\n`)
for (const name of ['requirements.lock', 'uv.txt']) {
  if (/https?:\/\//.test(await readFile(join(root, 'trainers', name), 'utf8'))) throw new Error(`trainers/${name} names an address; a lock must work with every index.`)
}
