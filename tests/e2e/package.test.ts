import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { execa } from 'execa'
import { extract } from 'tar'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse, stringify } from 'yaml'
import { root } from './workspace.ts'

/** What `npm pack` makes of the working tree, in an empty folder whose node_modules hold the declared dependencies and nothing else. */
describe('the package in an empty folder', () => {
  const temporary = mkdtempSync(join(tmpdir(), 'clitron-package-'))
  const folder = join(temporary, 'empty')
  const installed = join(folder, 'node_modules', 'clitron')
  const clitron = async (...args: string[]) => execa(process.execPath, [join(installed, 'bin', 'clitron.js'), ...args], { cwd: folder, reject: false, stdin: 'ignore' })
  const json = async (...args: string[]) => {
    const { exitCode, stdout, stderr } = await clitron(...args, '--json')
    expect(exitCode, stderr).toBe(0)
    return JSON.parse(stdout)
  }

  beforeAll(async () => {
    const copy = join(temporary, 'copy')
    const left = ['.git', '.clitron', 'node_modules', 'dist', join('training', 'data'), join('training', 'models')].map((name) => join(root, name))
    cpSync(root, copy, { recursive: true, filter: (path) => !left.includes(path) })
    symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
    const { stdout } = await execa('npm', ['pack', '--json', '--pack-destination', temporary], { cwd: copy, preferLocal: true, localDir: root })
    mkdirSync(installed, { recursive: true })
    await extract({ file: join(temporary, filename(stdout)), cwd: installed, strip: 1 })
    for (const name of Object.keys(JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8')).dependencies)) {
      mkdirSync(dirname(join(folder, 'node_modules', name)), { recursive: true })
      symlinkSync(join(root, 'node_modules', name), join(folder, 'node_modules', name))
    }
  })
  afterAll(async () => {
    await clitron('down')
    rmSync(temporary, { recursive: true, force: true })
  })

  test('it holds built code, and none of the tests or sources', () => {
    expect(existsSync(join(installed, 'dist', 'workflow-bundle.js'))).toBe(true)
    for (const name of ['src', 'tests', 'scripts', 'bench']) expect(existsSync(join(installed, name)), name).toBe(false)
    for (const file of readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter((name) => /(^|\/)run-[a-z-]+\.ts$/.test(name))) {
      expect(existsSync(join(installed, 'dist', file.replace(/\.ts$/, '.js'))), file).toBe(true)
    }
  })

  test('init, plan, train and ask work as in the clone', async () => {
    expect((await clitron('init', 'demo')).exitCode).toBe(0)
    expect(await json('plan', 'demo')).toMatchObject({ name: 'demo', dollars: 0 })
    expect(await json('lint', 'demo')).toBeTruthy()

    const config = parse(readFileSync(join(installed, 'training', 'configs', 'scratch_config.yaml'), 'utf8'))
    config.sft.training.steps = 60
    mkdirSync(join(folder, 'training', 'configs'), { recursive: true })
    writeFileSync(join(folder, 'training', 'configs', 'scratch_config.yaml'), stringify(config))
    expect(await json('train', 'demo', '--num', '300', '--pairs', '30')).toMatchObject({ name: 'demo', up_to_date: false, model: { path: 'training/models/demo/clitron-demo-q4_k_m.gguf' } })
    expect(existsSync(join(folder, 'training', 'models', 'demo', 'report.html'))).toBe(true)
    expect(await json('ask', 'demo', 'show task 12')).toHaveProperty('confidence')
  })

  test("import { load } from 'clitron' answers", async () => {
    writeFileSync(join(folder, 'ask.mjs'), "import { load } from 'clitron'\nconst model = await load('demo')\nconsole.log(JSON.stringify(await model.ask('show task 12')))\nawait model.close()\n")
    const { stdout } = await execa(process.execPath, ['ask.mjs'], { cwd: folder })
    expect(JSON.parse(stdout)).toMatchObject({ action: expect.stringMatching(/^(execute|confirm|clarify|ask)$/), confidence: expect.any(Number) })
  })
})

/** npm 11 prints a list, npm 12 an object by package name; the build's own lines stand before it. */
function filename(stdout: string): string {
  return stdout.match(/"filename":\s*"([^"]+)"/)![1]!
}
