import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { createServer as createHttpServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { asTyped } from '../../src/cli/as-typed.ts'
import { down, up } from '../../src/temporal/supervisor.ts'
import { bin, root, until, Workspace } from './workspace.ts'

const workspace = new Workspace()
afterAll(() => workspace.remove())

const golden = readFileSync(join(root, 'tests/fixtures/notes.golden.jsonl'), 'utf8')

interface Outcome { exitCode: number | undefined; stdout: string; stderr: string }

/** Runs a command that must fail with a sentence, and never with a stack trace. */
async function refused(args: string[], environment: Record<string, string> = {}, where = workspace): Promise<Outcome> {
  const { exitCode, stdout, stderr } = await where.run(args, { env: { ...where.environment, ...environment } })
  const outcome = { exitCode, stdout: String(stdout), stderr: String(stderr) }
  expect(exitCode, outcome.stderr).not.toBe(0)
  expect(outcome.stderr).not.toMatch(/^\s+at .*:\d+/m)
  expect(outcome.stderr.trim()).not.toBe('')
  return outcome
}

describe('a schema that is not right is refused with its place', () => {
  const command = 'cli_name: b\ndescription: x\ncommands:\n  - name: a\n    description: d\n'
  const argument = (text: string) => `${command}    args:\n      - {name: n, description: x, ${text}}\n`
  test.each([
    ['broken YAML', 'commands:\n  - name: [a\n', /b\.yaml:3:1: expected YAML/],
    ['no commands', 'cli_name: b\ndescription: x\ncommands: []\n', /b\.yaml:3:11: expected at least 1 of "commands"/],
    ['no key "commands"', 'cli_name: b\ndescription: x\n', /expected the key "commands"/],
    ['an empty file', '', /b\.yaml:1:1: expected a map/],
    ['a double command', `${command}  - name: a\n    description: d\n`, /b\.yaml:6:11: .*a second "a"/],
    ['an unknown type', argument('type: float'), /b\.yaml:7:\d+: expected "type" to be .* found "float"/],
    ['an enum without values', argument('type: enum'), /b\.yaml:7:\d+: expected "values" for the enum "n"/],
    ['a required argument with a default', argument('type: string, required: true, default: z'), /b\.yaml:7:\d+: expected a required argument without default/],
    ['a mistyped key', argument('type: string, requird: true'), /did you mean "required"/],
    ['an unknown kind', 'kind: clii\n', /b\.yaml:1:1: .*did you mean "cli"/],
  ])('%s', async (_, text, message) => {
    writeFileSync(workspace.path('schemas/b.yaml'), text)
    try {
      for (const verb of ['lint', 'train']) {
        const { exitCode, stderr } = await refused([verb, 'b'])
        expect(exitCode).toBe(2)
        expect(stderr).toMatch(message)
      }
    } finally {
      rmSync(workspace.path('schemas/b.yaml'))
    }
    expect(existsSync(workspace.path('.clitron'))).toBe(false)
  })
})

describe('a mistyped command line is a usage error', () => {
  test.each([
    [['trian', 'notes'], /Did you mean train\?/],
    [['train'], /missing required argument/],
    [['train', 'notes', '--nmu', '5'], /Did you mean --num/],
    [['train', 'notes', '--num', 'abc'], /'--num <n>' argument 'abc' is invalid/],
    [['train', 'notes', '--num', ''], /'--num <n>' argument '' is invalid/],
    [['train', 'notes', '--num', '1.5'], /Expected a whole number/],
    [['train', 'notes', '--num', '3'], /--num: .*50/],
    [['train', 'notes', '--budget', '-1'], /Expected an amount of dollars/],
    [['train', 'notes', '--teacher', 'openai'], /Allowed choices are offline, anthropic, import/],
    [['train', 'notes', '--quant', 'q4km'], /did you mean "q4_k_m"/],
    [['train', 'notes', '--base', 'lama-3.2-1b'], /did you mean "llama-3.2-1b"/],
    [['train', 'notes', '--base', 'schemas'], /--base schemas is here, but is no model: expected a folder .* config\.json/],
    [['train', '../notes'], /A training's name is lower-case letters/],
    [['init', '../../etc/x'], /A training's name is lower-case letters/],
    [['train', 'note'], /There is no schemas\/note\.yaml in this folder; did you mean "notes"/],
    [['runs', 'nots'], /did you mean "notes"/],
    [['status', 'nots'], /did you mean "notes"/],
    [['up', '--port', '99999'], /Expected a port between/],
    [['train', 'notes', '--teacher', 'import'], /clitron import notes rows\.jsonl/],
    [['ask', 'notes', ''], /The question is empty/],
    [['ask', 'notes', 'x'.repeat(100_000)], /The question has 100,000 characters; at most/],
    [['ask', 'notes', 'list my notes'], /There is no model of notes in this folder yet/],
    [['eval', 'notes', '--data', 'none.jsonl'], /There is no model of notes/],
    [['import', 'notes', 'none.jsonl'], /none\.jsonl: there is no such file/],
  ].map(([args, message]) => ({ line: (args as string[]).join(' ').slice(0, 50), args: args as string[], message: message as RegExp })))('clitron $line', async ({ args, message }) => {
    const { exitCode, stderr, stdout } = await refused(args)
    expect(stderr).toMatch(message)
    expect(exitCode).toBe(2)
    expect(stdout).toBe('')
  })

  test('with --json the error is the one document on stdout', async () => {
    for (const args of [['trian', 'notes'], ['train', 'nope'], ['train', 'notes', '--num', 'x'], ['ask', 'notes', ' '], ['watch', 'notes'], ['train', '--what']]) {
      const { document, exitCode } = await workspace.json(args)
      expect(document.error.message, args.join(' ')).toMatch(/\w/)
      expect(exitCode).toBeGreaterThan(0)
    }
  })
})

test('the key of a paid teacher is asked for before anything starts', async () => {
  const { exitCode, stderr } = await refused(['train', 'notes', '--teacher', 'anthropic'], { ANTHROPIC_API_KEY: '', ANTHROPIC_BASE_URL: '' })
  expect(exitCode).toBe(2)
  expect(stderr).toMatch(/ANTHROPIC_API_KEY/)
  expect(existsSync(workspace.path('.clitron/up.json'))).toBe(false)
})

test('a file that is no GGUF is named as what it is', async () => {
  writeFileSync(workspace.path('x.gguf'), 'this is a text and no model at all\n')
  const asked = await refused(['ask', 'notes', 'hello', '--model', 'x.gguf'])
  expect(asked.exitCode).toBe(2)
  expect(asked.stderr).toMatch(/Expected a GGUF model at x\.gguf; found a file that begins with "this is/)
  const scored = await refused(['eval', 'notes', '--model', 'x.gguf'])
  expect(scored.exitCode).toBe(2)
  expect(scored.stderr).toMatch(/Expected a GGUF model at x\.gguf/)
})

test('of an import with bad lines the good ones are kept, and each bad one has its line', async () => {
  const [first, second] = golden.split('\n')
  writeFileSync(workspace.path('rows.jsonl'), `${first}\n{"instruction": \n{"instruction":"fly to the moon","output":"{\\"type\\":\\"command\\",\\"command\\":\\"fly\\"}"}\n${second}\n`)
  const { exitCode, document } = await workspace.json(['import', 'notes', 'rows.jsonl'])
  expect(exitCode).toBe(0)
  expect(document).toMatchObject({ accepted: 2, total: 2, rejected: [{ line: 2 }, { line: 3 }] })
  expect(readFileSync(workspace.path('training/data/notes/imported.jsonl'), 'utf8').trim().split('\n')).toHaveLength(2)
  writeFileSync(workspace.path('rows.jsonl'), 'nothing\n')
  expect((await workspace.json(['import', 'notes', 'rows.jsonl'])).exitCode).toBe(2)
})

test('a golden row that its own schema refuses stops lint and train with its line', async () => {
  const file = workspace.path('schemas/notes.golden.jsonl')
  const row = JSON.stringify({ instruction: 'fly', context: null, output: JSON.stringify({ type: 'command', command: 'fly', subcommand: null, args: {}, flags: [] }), part: 'dev' })
  writeFileSync(file, `${golden.trim()}\n${row}\n{"instruction"\n`)
  try {
    for (const verb of ['lint', 'train']) {
      // `lint` lists problems on stdout: they are what was asked for.
      const { exitCode, stdout, stderr } = await workspace.run([verb, 'notes'])
      expect(exitCode).toBe(2)
      expect(`${stdout}${stderr}`).toMatch(/schemas\/notes\.golden\.jsonl:31: .*fly/)
      expect(`${stdout}${stderr}`).toMatch(/schemas\/notes\.golden\.jsonl:32:\d+: expected one JSON object a line/)
    }
  } finally {
    writeFileSync(file, golden)
  }
})

describe('a machine that lacks something', () => {
  /** A PATH with Node and nothing else. */
  const barePath = () => {
    const folder = mkdtempSync(join(tmpdir(), 'clitron-path-'))
    symlinkSync(process.execPath, join(folder, 'node'))
    return folder
  }

  test('no Python, or an old one', async () => {
    const cache = mkdtempSync(join(tmpdir(), 'clitron-cache-'))
    const old = join(cache, 'old-python')
    writeFileSync(old, '#!/bin/sh\necho 3.8.10\n')
    chmodSync(old, 0o755)
    const without = await refused(['up'], { PATH: barePath(), CLITRON_CACHE: cache, CLITRON_PYTHON: '' })
    expect(without).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/Training needs Python 3\.11 or newer; none was found on PATH\./) })
    const aged = await refused(['up'], { CLITRON_CACHE: cache, CLITRON_PYTHON: old })
    expect(aged).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/is an older one \(.*3\.8\.10\)/) })
    expect(existsSync(workspace.path('.clitron/up.json'))).toBe(false)
    expect(existsSync(join(cache, 'python'))).toBe(false)
    rmSync(cache, { recursive: true })
  })

  test('no Temporal CLI, no download and no Go', async () => {
    const cache = mkdtempSync(join(tmpdir(), 'clitron-cache-'))
    const code = `import { explain } from ${JSON.stringify(join(root, 'src/cli/explain.ts'))}; import { ensureTemporal } from ${JSON.stringify(join(root, 'src/setup/temporal-cli.ts'))}
      globalThis.fetch = () => Promise.reject(new Error('getaddrinfo ENOTFOUND github.com'))
      await ensureTemporal().catch((error) => console.log(JSON.stringify(explain(error))))`
    const { stdout } = await execa(process.execPath, ['--input-type=module', '-e', code], { env: { PATH: barePath(), CLITRON_CACHE: cache, TEMPORAL_CLI_PATH: '' } })
    const { message, code: exitCode } = JSON.parse(stdout)
    expect(exitCode).toBe(4)
    expect(message).toMatch(/The Temporal CLI is not installed and could not be downloaded \(.*ENOTFOUND.*\), and there is no Go to build it\..*TEMPORAL_CLI_PATH/)
    expect(readdirSync(join(cache, 'temporal')).filter((name) => /^temporal|work/.test(name))).toEqual([])
    rmSync(cache, { recursive: true })
  })

  test('a port in use is named with who has it', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => other.once('listening', resolve))
    const { port } = other.address() as { port: number }
    // Ports above have no room for the Web UI's, which is 1000 higher.
    const { exitCode, stderr } = await refused(['up', '--port', String(port)])
    other.close()
    expect(exitCode).toBe(2)
    expect(stderr).toMatch(port > 64_535 ? /Expected a port/ : `Port ${port} is in use by`)
    expect(existsSync(workspace.path('.clitron/up.json'))).toBe(false)
  })

  test('no server: a command says so, and speaks to no other folder\'s', async () => {
    for (const verb of ['watch', 'pause', 'cancel']) {
      const { exitCode, stderr } = await refused([verb, 'notes'])
      expect(stderr).toContain(asTyped('not running in this folder. Start them with `clitron up`'))
      expect(exitCode).toBe(1)
    }
    expect((await refused(['watch', 'notes'], { TEMPORAL_ADDRESS: '127.0.0.1:9' })).stderr).toMatch(/No Temporal server answers at 127\.0\.0\.1:9/)
    expect((await refused(['status'], { TEMPORAL_CONFIG_FILE: '/nowhere/temporal.toml' }))).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/there is no such file/) })
    expect((await refused(['watch', 'notes'], { TEMPORAL_PROFILE: 'nowhere' }))).toMatchObject({ exitCode: 2, stderr: expect.stringMatching(/TEMPORAL_PROFILE=nowhere/) })
  })

  test('a full disk leaves nothing half-written', async (context) => {
    const disk = mkdtempSync(join(tmpdir(), 'clitron-disk-'))
    const mounted = await execa('mount', ['-t', 'tmpfs', '-o', 'size=200k', 'tmpfs', disk], { reject: false })
    if (mounted.exitCode !== 0) return context.skip('only root can mount a small disk here')
    try {
      mkdirSync(join(disk, 'schemas'))
      for (const file of ['notes.yaml', 'notes.golden.jsonl']) writeFileSync(join(disk, 'schemas', file), readFileSync(join(root, 'tests/fixtures', file)))
      expect(() => writeFileSync(join(disk, 'fill'), Buffer.alloc(1e6))).toThrow('ENOSPC')
      for (const args of [['init', 'demo'], ['import', 'notes', join(root, 'tests/fixtures/notes.golden.jsonl')], ['train', 'notes', '--detach'], ['up']]) {
        const { exitCode, stderr } = await execa(process.execPath, [bin, ...args], { cwd: disk, reject: false, stdin: 'ignore' })
        expect(stderr, args[0]).toMatch(/disk is full/)
        expect(stderr).not.toMatch(/^\s+at /m)
        expect([1, 4]).toContain(exitCode)
      }
      const left = readdirSync(disk, { recursive: true }).map(String)
      expect(left.filter((name) => /\.(part|tmp)$|demo\.yaml|imported/.test(name))).toEqual([])
    } finally {
      await execa('umount', ['-l', disk])
      rmSync(disk, { recursive: true, force: true })
    }
  })
})

describe('what only the worker can see', () => {
  const busy = new Workspace()
  let hub: Server
  beforeAll(async () => {
    hub = createHttpServer((request, response) => {
      const gated = request.url?.includes('gated')
      response.writeHead(gated ? 403 : 404, { 'X-Error-Code': gated ? 'GatedRepo' : 'RepoNotFound', 'Content-Length': 0 }).end()
    }).listen(0, '127.0.0.1')
    await new Promise((resolve) => hub.once('listening', resolve))
    const { port } = hub.address() as { port: number }
    Object.assign(busy.environment, { HF_ENDPOINT: `http://127.0.0.1:${port}`, HF_HOME: busy.path('hub'), HF_TOKEN: '', ANTHROPIC_API_KEY: 'not-a-key', ANTHROPIC_BASE_URL: 'http://127.0.0.1:9' })
  })
  afterAll(async () => {
    await busy.remove()
    hub.close()
  })

  test('a budget too small for one call ends the run before the call', async () => {
    const { exitCode, stderr } = await refused(['generate', 'notes', '--teacher', 'anthropic', '--budget', '0.001'], {}, busy)
    expect(stderr).toMatch(/The budget of \$0\.0010 is too small for one call/)
    expect(exitCode).toBe(2)
  })

  test('a base that the hub does not have', async () => {
    const { exitCode, stderr } = await refused(['generate', 'notes', '--base', 'maker/nothing'], {}, busy)
    expect(stderr).toMatch(/maker\/nothing/)
    expect(exitCode).toBe(2)
  })

  test('a gated base waits for the licence and says how to go on', async () => {
    const { exitCode, stderr } = await refused(['sft', 'notes', '--base', 'maker/gated'], {}, busy)
    expect(stderr).toMatch(/maker\/gated is gated.*Accept the licence at .*HF_TOKEN/)
    expect(stderr).toMatch(/clitron resume notes/)
    expect(exitCode).toBe(4)
    expect((await busy.json(['status', 'notes'])).document.trainings[0].run.progress.waiting).toMatch(/gated/)
  })
})

describe('on a terminal', () => {
  test('Ctrl-C leaves the run and says how to watch, go on or cancel', async () => {
    const followed = new Workspace()
    vi.stubEnv('CLITRON_HOME', followed.path('.clitron'))
    try {
      // A worker that does nothing: the run stays at its first stage.
      const { address } = await up({ worker: { command: 'sleep', args: ['600'] } })
      const child = followed.run(['generate', 'notes'])
      await until('the run is there', 60, async () => (await followed.json(['status', 'notes'])).document.trainings[0].run?.status === 'RUNNING')
      child.kill('SIGINT')
      const { exitCode, stderr } = await child
      expect(exitCode).toBe(130)
      expect(stderr).toContain(asTyped('generate-notes goes on without this terminal. Watch it: clitron watch notes. Pause it: clitron pause notes. End it: clitron cancel notes.'))
      const { document } = await followed.json(['status', 'notes'])
      expect(document.trainings[0].run.status).toBe('RUNNING')
      expect(String((await followed.run(['status'])).stdout)).toContain(address)
    } finally {
      await down()
      vi.unstubAllEnvs()
      await followed.remove()
    }
  })

  test('a reader that goes away is no fault', async () => {
    const { exitCode, stderr } = await execa('bash', ['-c', `"${process.execPath}" "${bin}" --help | head -1; exit "\${PIPESTATUS[0]}"`], { reject: false })
    expect(stderr).toBe('')
    expect(exitCode).toBe(0)
  })

  test('NO_COLOR and a pipe get no colour codes', async () => {
    for (const environment of [{ NO_COLOR: '1', FORCE_COLOR: undefined }, { FORCE_COLOR: undefined }]) expect(String((await workspace.run(['bases'], { env: environment })).stdout)).not.toContain('\x1b[')
  })

  test('alone it shows help, and every command has an example', async () => {
    const { exitCode, stdout } = await workspace.run([])
    expect(exitCode).toBe(0)
    const commands = [...String(stdout).matchAll(/^  ([a-z]+)(?: \[options\])?(?: [<[]|  )/gm)].map(([, name]) => name!).filter((name) => name !== 'help')
    expect(commands.length).toBeGreaterThan(20)
    for (const name of commands) expect(String((await workspace.run([name, '--help'])).stdout), name).toMatch(new RegExp(`Examples:\n.*clitron ${name}`))
  })
})
