#!/usr/bin/env node
// The only file that an old Node must be able to read (18 and later): it finds the sources or the build,
// and a Node that can run them, and gets out of the way.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import module from 'node:module'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

// Type stripping without a flag, and the oldest Node that the libraries take.
const oldestNode = [22, 18]

const root = path.resolve(path.dirname(realpathSync(fileURLToPath(import.meta.url))), '..')
const entry = [path.join(root, 'src', 'cli', 'main.ts'), path.join(root, 'dist', 'cli', 'main.js')].find(existsSync)

if (!entry) {
  fail(`Clitron is not built: neither src/cli/main.ts nor dist/cli/main.js stands in ${root}. Run: npm run build`)
} else if (isNewEnough(process.versions.node)) {
  await run(entry)
} else {
  const node = findNewerNode() ?? fetchNode()
  if (node) handOver(node)
  else fail(`Clitron needs Node ${oldestNode.join('.')} or newer; this is ${process.version}, and a newer one could not be fetched. Run: npm i node@24`)
}

async function run(file) {
  hideTypeStrippingWarning()
  module.enableCompileCache?.(cacheDir('node-compile-cache'))
  const { main } = await import(pathToFileURL(file).href)
  const code = await main(process.argv.slice(2))
  if (typeof code === 'number') process.exitCode = code
}

/** As src/paths.ts has it, which this file cannot load. */
function cacheDir(name) {
  return path.join(process.env.CLITRON_CACHE ?? path.join(process.env.XDG_CACHE_HOME ?? path.join(os.homedir(), '.cache'), 'clitron'), name)
}

function isNewEnough(version) {
  const [major, minor] = version.split('.').map(Number)
  // 23.0 to 23.5 still wanted a flag for type stripping.
  if (major === 23) return minor >= 6
  return major > oldestNode[0] || (major === oldestNode[0] && minor >= oldestNode[1])
}

// The npm package `node` first, beside Clitron, above it or in the current folder; then any other on PATH.
function findNewerNode() {
  for (const folder of [...ancestors(root), ...ancestors(process.cwd())]) {
    const binary = path.join(folder, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
    if (!existsSync(binary)) continue
    const { version } = JSON.parse(readFileSync(path.join(folder, 'node_modules', 'node', 'package.json'), 'utf8'))
    if (isNewEnough(version)) return binary
  }
  for (const folder of (process.env.PATH ?? '').split(path.delimiter)) {
    const binary = path.join(folder, 'node')
    if (!existsSync(binary) || realpathSync(binary) === realpathSync(process.execPath)) continue
    const version = spawnSync(binary, ['-v'], { encoding: 'utf8', timeout: 5000 }).stdout?.trim().slice(1)
    if (version && isNewEnough(version)) return binary
  }
  return undefined
}

// A clone has one by its devDependency; an installed package has none. Once, for all folders of this user.
function fetchNode() {
  const folder = cacheDir('node-24')
  const binary = path.join(folder, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node')
  if (existsSync(binary)) return binary
  process.stderr.write(`Clitron needs Node ${oldestNode.join('.')} or newer; this is ${process.version}. Fetching Node 24 into ${folder}, once …\n`)
  const part = `${folder}.${process.pid}.part`
  mkdirSync(part, { recursive: true })
  writeFileSync(path.join(part, 'package.json'), '{"private":true,"allowScripts":{"node":true}}')
  // npm's messages must not mix with a JSON document on stdout.
  const { status } = spawnSync('npm', ['install', '--prefix', part, '--no-audit', '--no-fund', '--loglevel=error', 'node@24'], { cwd: part, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' })
  try {
    if (status === 0) renameSync(part, folder)
  } catch {
    // Another process was faster.
  }
  rmSync(part, { recursive: true, force: true })
  return existsSync(binary) ? binary : undefined
}

function ancestors(folder) {
  const parent = path.dirname(folder)
  return parent === folder ? [folder] : [folder, ...ancestors(parent)]
}

function handOver(node) {
  const child = spawn(node, [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2']) {
    process.on(signal, () => {
      // A terminal sends these two to the whole foreground group: the child already has its own.
      if (process.stdin.isTTY && (signal === 'SIGINT' || signal === 'SIGQUIT')) return
      child.kill(signal)
    })
  }
  child.on('error', (error) => fail(`Could not start ${node}: ${error.message}. Run: npm i node@24`))
  child.on('exit', (code, signal) => {
    if (!signal) return process.exit(code)
    process.removeAllListeners(signal)
    process.kill(process.pid, signal)
  })
}

function hideTypeStrippingWarning() {
  const emitWarning = process.emitWarning
  process.emitWarning = (warning, ...rest) => {
    if (!String(warning?.message ?? warning).includes('Type Stripping')) emitWarning.call(process, warning, ...rest)
  }
}

function fail(message) {
  process.stderr.write(`${message}\n`)
  process.exitCode = 1
}
