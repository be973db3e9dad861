// npm run test:readme [-- --without "npm test"]
// Runs every `sh run` block of the README in order, as a newcomer would: a fresh clone, an empty home, no caches.
// Long and by hand: it installs everything, trains, and runs the whole suite. What is committed is what is tested.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { execa } from 'execa'

const { values } = parseArgs({ options: { without: { type: 'string', multiple: true, default: [] }, keep: { type: 'boolean', default: false } } })
const root = resolve(import.meta.dirname, '..')
const temporary = mkdtempSync(join(tmpdir(), 'clitron-readme-'))
const clone = join(temporary, 'clitron')
const home = join(temporary, 'home')
mkdirSync(home)

const say = (line: string) => process.stdout.write(`\n\x1b[1m${line}\x1b[0m\n`)

// Mirrors and proxies are the machine's, and stay; everything that Clitron itself reads, and what npm sets for this script, goes.
const own = /^(CLITRON|TEMPORAL|ANTHROPIC|HF|npm)_|^(NODE_PATH|INIT_CWD|VIRTUAL_ENV|XDG_\w+)$/
const environment: Record<string, string> = Object.fromEntries(Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined && !own.test(entry[0])))
const npmrc = join(homedir(), '.npmrc')
Object.assign(environment, {
  HOME: home,
  PATH: (process.env.PATH ?? '').split(':').filter((folder) => !folder.includes('node_modules')).join(':'),
  ...(existsSync(npmrc) && { npm_config_userconfig: npmrc }),
})

async function run(command: string, cwd = clone): Promise<number> {
  const began = Date.now()
  await execa('bash', ['-euo', 'pipefail', '-c', command], { cwd, env: environment, extendEnv: false, stdio: ['ignore', 'inherit', 'inherit'] })
  return (Date.now() - began) / 1000
}

/** Another program may have the port that the presets name. */
async function prepareTemporal(): Promise<void> {
  const { stdout } = await execa('npx', ['clitron', 'up', '--json'], { cwd: clone, env: environment, extendEnv: false, stderr: 'inherit' })
  const { address } = JSON.parse(stdout) as { address: string }
  const presets = join(clone, 'temporal.yaml')
  writeFileSync(presets, readFileSync(presets, 'utf8').replace('address: 127.0.0.1:7233', `address: ${address}`))
}

const times: [string, number][] = []
let failed = false
try {
  await execa('git', ['clone', '--quiet', root, clone], { stdio: 'inherit' })
  const blocks = [...readFileSync(join(clone, 'README.md'), 'utf8').matchAll(/^```sh run\n([^]*?)^```/gm)].map(([, block]) => block!.trim())
  for (const block of blocks) {
    if (values.without.some((text) => block.includes(text))) {
      say(`Left out: ${block}`)
      continue
    }
    say(`$ ${block.replaceAll('\n', '\n$ ')}`)
    if (/^temporal /m.test(block)) await prepareTemporal()
    times.push([block, await run(block)])
  }
} catch (error) {
  failed = true
  process.stderr.write(`${(error as Error).message}\n`)
} finally {
  for (const folder of readdirSync(temporary).map((name) => join(temporary, name)).filter((folder) => existsSync(join(folder, '.clitron')))) {
    await execa(process.execPath, [join(root, 'bin', 'clitron.js'), 'down'], { cwd: folder, env: environment, extendEnv: false, stdio: 'inherit', reject: false })
  }
  if (!values.keep && !failed) rmSync(temporary, { recursive: true, force: true })
  else say(`Everything is still there: ${temporary}`)
}
say(failed ? 'The README does not hold.' : 'The README holds:')
for (const [block, seconds] of times) process.stdout.write(`${seconds.toFixed(0).padStart(6)} s  ${block.split('\n')[0]}\n`)
process.exitCode = failed ? 1 : 0
