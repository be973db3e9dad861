import { execFileSync } from 'node:child_process'
import { closeSync, lstatSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, symlinkSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { groups, valid } from './hostile-schemas.ts'

const root = mkdtempSync(join(tmpdir(), 'clitron-hostile-'))
const [work, outside, elsewhere] = ['work', 'outside', 'elsewhere'].map((name) => join(root, name)) as [string, string, string]
const schemas = join(work, 'schemas')
const bin = resolve(import.meta.dirname, '../../bin/clitron.js')

/** Milliseconds of a harmless schema: most of it is the start of the program, and a slow machine's limit is its own. */
let harmless = 0
beforeAll(async () => {
  for (const folder of [schemas, outside, elsewhere]) mkdirSync(folder, { recursive: true })
  writeFileSync(join(outside, 'shared.yaml'), valid)
  writeFileSync(join(outside, 'secret'), `-----BEGIN OPENSSH PRIVATE KEY-----\n${'c2VjcmV0'.repeat(40)}\n`)
  writeFileSync(join(schemas, 'harmless.yaml'), valid)
  harmless = (await lint('harmless')).ms
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

/** Every file with its size and time: what a command wrote shows. */
const files = () => [work, outside].flatMap((folder) => readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => {
  const { size, mtimeMs } = lstatSync(join(folder, name))
  return `${folder}/${name} ${size} ${mtimeMs}`
}))

/** The real command, by its own account; what it waited for others on a busy machine is not counted. */
async function lint(name: string) {
  const measured = join(root, 'measured.json')
  const started = performance.now()
  const { exitCode, stdout, stderr, timedOut } = await execa(process.execPath, ['--import', resolve(import.meta.dirname, 'measure.mjs'), bin, 'lint', name], {
    cwd: work, reject: false, stdin: 'ignore', timeout: 20_000, env: { MEASURED: measured, CLITRON_CACHE: join(elsewhere, 'cache'), HOME: elsewhere, NO_COLOR: '1' },
  })
  const wall = performance.now() - started
  expect(timedOut, `${name} did not end`).toBe(false)
  const { maxRSS, userCPUTime, systemCPUTime } = JSON.parse(readFileSync(measured, 'utf8')) as NodeJS.ResourceUsage
  return { exitCode, text: `${stdout}\n${stderr}`, ms: Math.min(wall, (userCPUTime + systemCPUTime) / 1000), megabytes: maxRSS / 1024 }
}

async function check(name: string, exitCode: number, message: RegExp) {
  const before = files()
  const found = await lint(name)
  expect(found.text).toMatch(message)
  expect(found.text).not.toMatch(/^\s+at .*:\d+/m)
  expect(found.text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/)
  expect(found.exitCode).toBe(exitCode)
  expect(found.ms, 'milliseconds').toBeLessThan(Math.max(2_000, 3 * harmless))
  expect(found.megabytes, 'megabytes').toBeLessThan(256)
  expect(files()).toEqual(before)
}

const hostile = (group: string, name: string) => groups[group]!.find((one) => one.name === name)!.text
/** YAML, a link to somewhere, or what puts something else there. */
const cases: [string, string | { link: string } | ((file: string) => void), number, RegExp][] = [
  ['a file of 100 MB', (file) => {
    const handle = openSync(file, 'w')
    writeSync(handle, valid)
    closeSync(handle)
    truncateSync(file, 100_000_000)
  }, 2, /x0\.yaml:1:1: expected at most 1 MB, found 100\.0 MB; shorten the schema/],
  ['a billion laughs', hostile('alias bombs and knots', 'a billion laughs'), 2, /x1\.yaml:\d+:\d+: .*aliases written out/],
  ['a million maps in 150 aliases', hostile('alias bombs and knots', 'a million maps in 150 aliases'), 2, /x2\.yaml:\d+:\d+: .*aliases written out/],
  ['20,000 brackets', hostile('deep nesting', '20,000 brackets'), 2, /x3\.yaml:1:\d+: expected at most 40 levels/],
  ['60,000 unknown keys', hostile('sizes', '60,000 unknown keys'), 2, /x4\.yaml:\d+:1: expected at most 160000 words/],
  ['18,000 unknown keys in 400 maps', hostile('sizes', '18,000 unknown keys in 400 maps'), 2, /did you mean "description".*\n(.*\n)*.*and \d+ more/],
  ['60 patterns without end', hostile('patterns', '60 patterns without end'), 2, /x6\.yaml:4:\d+: expected a pattern that decides quickly/],
  ['ANSI in an unknown key', hostile('the odder parts of YAML', 'ANSI in an unknown key'), 2, /x7\.yaml:1:1: .*\\u001b\[2J/],
  ['a C1 control in a value', hostile('the odder parts of YAML', 'a C1 control in a value'), 2, /\\u009b2J/],
  ['a megabyte of dashes', '-\n'.repeat(500_000), 2, /x9\.yaml:\d+:\d+: expected at most 160000 words and signs/],
  ['500 commands with 24 flags each', hostile('sizes', '500 commands with 24 flags each'), 0, /x10\.yaml is right/],
  ['a link to a schema elsewhere', { link: '../../outside/shared.yaml' }, 0, /x11\.yaml is right/],
  ['a link to a secret', { link: '../../outside/secret' }, 2, /x12\.yaml:1:1: expected a map .*, found a text/],
  ['a link to a device without end', { link: '/dev/zero' }, 2, /x13\.yaml is no file/],
  ['a link to itself', { link: 'x14.yaml' }, 2, /x14\.yaml cannot be read \(ELOOP\)/],
  ['a link to nowhere', { link: '../../outside/nothing.yaml' }, 2, /There is no schemas\/x15\.yaml/],
  ['a folder', (file) => mkdirSync(file), 2, /x16\.yaml is no file/],
  ['a pipe that nobody writes to', (file) => void execFileSync('mkfifo', [file]), 2, /x17\.yaml is no file/],
]

test.each(cases.map((one, index) => [one[0], index] as const))('lint of %s ends with its reason, in 2 s and 256 MB, and writes nothing', async (_, index) => {
  const [, content, exitCode, message] = cases[index]!
  const target = join(schemas, `x${index}.yaml`)
  if (typeof content === 'string') writeFileSync(target, content)
  else if (typeof content === 'function') content(target)
  else symlinkSync(content.link, target)
  try {
    await check(`x${index}`, exitCode, message)
  } finally {
    rmSync(target, { recursive: true })
  }
}, 30_000)

test('of a secret that a link leads to, nothing is shown', async () => {
  symlinkSync('../../outside/secret', join(schemas, 'leak.yaml'))
  expect((await lint('leak')).text).not.toMatch(/c2VjcmV0|OPENSSH/)
})
