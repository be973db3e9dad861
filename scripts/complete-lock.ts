// npm run lock:npm: npm writes into the lock file only the optional packages that it could see while it ran; on a machine or
// mirror that has one platform's, `npm ci` then refuses the lock everywhere. This adds the missing ones: their exact
// version is pinned by the package that asks for them, their platform stands in their name.
import { readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

type Entry = { version?: string; optional?: boolean; dev?: boolean; os?: string[]; cpu?: string[]; optionalDependencies?: Record<string, string> }

const file = join(resolve(dirname(fileURLToPath(import.meta.url)), '..'), 'package-lock.json')
const lock = JSON.parse(readFileSync(file, 'utf8')) as { packages: Record<string, Entry> }

const systems: [RegExp, string][] = [[/darwin|mac/, 'darwin'], [/win32|windows|\bwin\b/, 'win32'], [/linux/, 'linux'], [/freebsd/, 'freebsd'], [/android/, 'android']]
const processors: [RegExp, string][] = [[/arm64|aarch64/, 'arm64'], [/armv7l?|\barm\b/, 'arm'], [/x64|x86_64|amd64/, 'x64'], [/ia32|i686/, 'ia32'], [/ppc64/, 'ppc64'], [/s390x/, 's390x'], [/riscv64/, 'riscv64'], [/loong64/, 'loong64']]

for (const [path, entry] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
    if (!/^\d/.test(version)) continue
    const nested = `${path}/node_modules/${name}`
    const hoisted = `node_modules/${name}`
    if (lock.packages[nested] || lock.packages[hoisted]?.version === version) continue
    const os = systems.find(([word]) => word.test(name))?.[1]
    const cpu = processors.find(([word]) => word.test(name))?.[1]
    if (!os || !cpu) continue
    lock.packages[lock.packages[hoisted] ? nested : hoisted] = { version, cpu: [cpu], ...(entry.dev && { dev: true }), optional: true, os: [os] }
    process.stdout.write(`added ${name} ${version} (${os} ${cpu})\n`)
  }
}

const [root, ...others] = Object.entries(lock.packages)
lock.packages = Object.fromEntries([root!, ...others.sort(([a], [b]) => (a < b ? -1 : 1))])
const text = `${JSON.stringify(lock, null, 2)}\n`
if (/"resolved"/.test(text)) throw new Error('package-lock.json records where packages came from; run npm with --omit-lockfile-registry-resolved.')
writeFileSync(file, text)
