/**
 * Hostile schemas given to the real command, each to a process of its own:
 *
 *   npm run hostile [-- --only PART-OF-A-NAME] [--json]
 *
 * All of hostile-schemas.ts and hostile-kinds.ts as files, the same bytes as an editor, a disk or an attacker would leave them, and what is
 * no file at all. `clitron lint` must end each with 0 or 2, say what is wrong and where without a stack trace, take less than 2 s of its own
 * time (waiting for others on a busy machine is not counted, and what took longer is tried twice more: more than half of it is the start of the
 * program, which a shared processor slows) and 256 MB at its peak, and write nothing. A quarter of an hour on two cores.
 * Prints how many did of how many, the longest time and the most memory; ends with 1 when one did not.
 */
import { execFileSync } from 'node:child_process'
import { closeSync, cpSync, lstatSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { execa } from 'execa'
import { packageRoot } from '../../src/paths.ts'
import { groups, valid } from './hostile-schemas.ts'

const most = { seconds: 2, megabytes: 256 }
const patienceMs = 60_000

interface Case {
  name: string
  put: (file: string) => void
  legal?: boolean | undefined
}

const bytes = (name: string, ...parts: (string | Buffer)[]): Case => ({ name, legal: false, put: (file) => writeFileSync(file, Buffer.concat(parts.map((part) => Buffer.from(part as string)))) })
const link = (name: string, target: string): Case => ({ name, legal: false, put: (file) => symlinkSync(target, file) })

/** What is no text: bytes that JavaScript's strings cannot hold, and what stands there instead of a file. */
const raw: Case[] = [
  bytes('bytes that are no UTF-8', valid, Buffer.from([0xff, 0xfe, 0x80])),
  bytes('an overlong slash', 'cli_name: ..', Buffer.from([0xc0, 0xaf]), 'x\n'),
  bytes('half of a surrogate pair', 'cli_name: ', Buffer.from([0xed, 0xa0, 0x80]), '\n'),
  bytes('Latin-1', Buffer.from('cli_name: h\u00fcb\n', 'latin1')),
  bytes('UTF-16 with its mark', Buffer.from(`\ufeff${valid}`, 'utf16le')),
  bytes('UTF-16 with its mark, the other way round', Buffer.from(`\ufeff${valid}`, 'utf16le').swap16()),
  bytes('UTF-32', Buffer.from([0xff, 0xfe, 0, 0, 0x61, 0, 0, 0])),
  bytes('NUL bytes', valid, Buffer.alloc(1_000)),
  bytes('a megabyte of NUL bytes', Buffer.alloc(1_000_000)),
  bytes('a megabyte of 0xff', Buffer.alloc(1_000_000, 0xff)),
  bytes('a gzip file', Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0]), 'x'),
  bytes('a line of 20 MB', 'description: ', Buffer.alloc(20_000_000, 'x'), '\n'),
  { name: 'a file of 3 GB with holes', legal: false, put: (file) => {
    const handle = openSync(file, 'w')
    writeSync(handle, valid)
    closeSync(handle)
    truncateSync(file, 3_000_000_000)
  } },
  { name: 'a folder', legal: false, put: (file) => mkdirSync(file) },
  { name: 'a pipe that nobody writes to', legal: false, put: (file) => void execFileSync('mkfifo', [file]) },
  link('a link to a device without end', '/dev/zero'),
  link('a link to a terminal', '/dev/tty'),
  link('a link to a folder', '/etc'),
  link('a link to itself', 'x.yaml'),
  link('a link to nowhere', '../../outside/nothing.yaml'),
  link('a link to a secret', '../../outside/secret'),
]

const { values } = parseArgs({ options: { only: { type: 'string', default: '' }, json: { type: 'boolean', default: false } } })
const cases: Case[] = [...raw, ...Object.values(groups).flat().map(({ name, text, legal }): Case => ({ name, legal, put: (file) => writeFileSync(file, text) }))].filter(({ name }) => name.includes(values.only))

interface Measured { name: string; seconds: number; megabytes: number; problems: string[] }

const root = mkdtempSync(join(tmpdir(), 'clitron-hostile-'))
try {
  const todo = cases.entries()
  const measured: Measured[] = []
  await Promise.all(Array.from({ length: Math.min(2, availableParallelism()) }, async (_, lane) => {
    const place = laidOut(join(root, `lane-${lane}`))
    for (const [, one] of todo) {
      let best = await measure(one, place)
      for (let again = 0; again < 2 && best.seconds >= most.seconds; again++) best = [best, await measure(one, place)].sort((a, b) => a.seconds - b.seconds)[0]!
      measured.push(best)
    }
  }))
  const clean = measured.filter(({ problems }) => problems.length === 0).length
  const longest = measured.reduce((a, b) => (b.seconds > a.seconds ? b : a))
  const largest = measured.reduce((a, b) => (b.megabytes > a.megabytes ? b : a))
  if (values.json) console.log(JSON.stringify({ clean, of: cases.length, longest, largest, missed: measured.filter(({ problems }) => problems.length) }))
  else {
    for (const { name, problems } of measured) for (const problem of problems) console.log(`not passed: ${name}: ${problem}`)
    console.log(`${clean} of ${cases.length} hostile schemas were answered cleanly; at most ${longest.seconds.toFixed(2)} s (${longest.name}) and ${largest.megabytes.toFixed(0)} MB (${largest.name})`)
  }
  process.exitCode = clean === cases.length && cases.length > 0 ? 0 : 1
} finally {
  rmSync(root, { recursive: true, force: true })
}

/** A folder of trainings, with what lies beside it; the documents of the example that reads some. */
function laidOut(place: string): string {
  mkdirSync(join(place, 'work/schemas'), { recursive: true })
  mkdirSync(join(place, 'outside'))
  cpSync(join(packageRoot, 'schemas/starweave'), join(place, 'work/schemas/starweave'), { recursive: true })
  writeFileSync(join(place, 'outside/secret'), `-----BEGIN OPENSSH PRIVATE KEY-----\n${'c2VjcmV0'.repeat(40)}\n`)
  return place
}

/** Every file with its size and time, but for what was measured: what a command wrote shows. */
function filesIn(place: string): string {
  return readdirSync(place, { recursive: true, encoding: 'utf8' }).filter((name) => name !== 'measured.json').map((name) => {
    const { size, mtimeMs } = lstatSync(join(place, name))
    return `${name} ${size} ${mtimeMs}`
  }).sort().join('\n')
}

async function measure({ name, put, legal }: Case, place: string): Promise<Measured> {
  const file = join(place, 'work/schemas/x.yaml')
  const account = join(place, 'measured.json')
  put(file)
  const before = filesIn(place)
  rmSync(account, { force: true })
  const began = performance.now()
  const { exitCode, stdout, stderr, timedOut } = await execa(process.execPath, ['--import', resolve(import.meta.dirname, 'measure.mjs'), join(packageRoot, 'bin/clitron.js'), 'lint', 'x'], {
    cwd: join(place, 'work'), reject: false, stdin: 'ignore', timeout: patienceMs, env: { MEASURED: account, CLITRON_CACHE: join(root, 'elsewhere/cache'), HOME: join(root, 'elsewhere'), NO_COLOR: '1' },
  })
  const wall = (performance.now() - began) / 1000
  const problems: string[] = []
  const said = `${stdout}\n${stderr}`
  const after = filesIn(place)
  rmSync(file, { recursive: true, force: true })
  let used = { maxRSS: 0, userCPUTime: 0, systemCPUTime: 0 }
  try {
    used = JSON.parse(readFileSync(account, 'utf8')) as NodeJS.ResourceUsage
  } catch {
    problems.push(timedOut ? `it did not end within ${patienceMs / 1000} s` : 'it was ended before it could say what it took')
  }
  const seconds = Math.min(wall, (used.userCPUTime + used.systemCPUTime) / 1e6)
  const megabytes = used.maxRSS / 1024
  const expected = legal === undefined ? [0, 2] : [legal ? 0 : 2]
  if (!expected.includes(exitCode!)) problems.push(`exit code ${exitCode}, ${expected.join(' or ')} is right: ${said.trim().slice(0, 200)}`)
  if (exitCode === 2 && !/schemas\/x\.yaml(:\d+:\d+: expected .+| is no file| cannot be read)|There is no schemas\/x\.yaml/.test(stderr)) problems.push(`no place and reason: ${stderr.trim().slice(0, 200)}`)
  if (/^\s+at .*:\d+/m.test(said)) problems.push('a stack trace')
  if (/[\0-\x09\x0b-\x1f\x7f-\x9f]/.test(said)) problems.push('a control character on the terminal')
  if (/c2VjcmV0|OPENSSH/.test(said) && name.includes('link')) problems.push('what the link leads to is shown')
  if (seconds >= most.seconds) problems.push(`${seconds.toFixed(2)} s`)
  if (megabytes >= most.megabytes) problems.push(`${megabytes.toFixed(0)} MB`)
  if (after !== before) problems.push('it wrote something')
  return { name, seconds, megabytes, problems }
}
