import { appendFileSync, copyFileSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { main } from '../../../src/cli/main.ts'
import { knowledgeOf, standIn } from '../../standin/server.ts'

const notes = join(import.meta.dirname, '../../fixtures/notes.yaml')

async function clitron(...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const out: string[] = []
  const err: string[] = []
  const stdout = vi.spyOn(process.stdout, 'write').mockImplementation((text) => (out.push(String(text)), true))
  const stderr = vi.spyOn(process.stderr, 'write').mockImplementation((text) => (err.push(String(text)), true))
  try {
    return { code: await main(args), out: out.join(''), err: err.join('') }
  } finally {
    stdout.mockRestore()
    stderr.mockRestore()
  }
}

async function folder() {
  const folder = mkdtempSync(join(tmpdir(), 'pilot-'))
  mkdirSync(join(folder, 'schemas'))
  copyFileSync(notes, join(folder, 'schemas', 'notes.yaml'))
  vi.spyOn(process, 'cwd').mockReturnValue(folder)
  vi.stubEnv('CLITRON_STORE', join(folder, 'store'))
  vi.stubEnv('ANTHROPIC_API_KEY', '')
  const server = await standIn({ knowledge: knowledgeOf([notes]) })
  onTestFinished(async () => {
    await server.close()
    vi.restoreAllMocks()
    vi.unstubAllEnvs()
    process.exitCode = 0
  })
  return server
}

test('a pilot shows 20 examples, how many can be trained on, its price and the price of the whole', async () => {
  const server = await folder()
  vi.stubEnv('ANTHROPIC_BASE_URL', server.url)
  vi.stubEnv('ANTHROPIC_API_KEY', 'test')
  const { code, out } = await clitron('pilot', 'notes', '--teacher', 'anthropic', '--num', '3000', '--budget', '1')
  expect(code).toBe(0)
  expect(out).toMatch(/\d+ of 20 can be trained on \(\d+\.\d%\)/)
  expect(out).toMatch(/This pilot cost \$0\.\d\d \(claude-opus-4-5\)/)
  expect(out).toMatch(/3000 examples in 150 calls: about \$\d+\.\d\d, or \$\d+\.\d\d with --batch/)

  const again = JSON.parse((await clitron('pilot', 'notes', '--teacher', 'anthropic', '--num', '3000', '--json')).out)
  expect(again).toMatchObject({ of: 20, dollars: 0, whole: { examples: 3000, calls: 150 } })
  expect(again.examples).toHaveLength(20)
  expect(server.paid()).toHaveLength(1)

  const ledger = JSON.parse((await clitron('ledger', '--json')).out)
  expect(ledger.lines).toMatchObject([{ training: 'notes', model: 'claude-opus-4-5', calls: 1, unanswered: 0 }])
})

test('the offline pilot costs nothing', async () => {
  await folder()
  const { code, out } = await clitron('pilot', 'notes')
  expect(code).toBe(0)
  expect(out).toMatch(/20 of 20 can be trained on/)
  expect(out).toMatch(/costs nothing/)
})

test('a missing key and a budget too small for one call end with exit code 2, before anything is spent', async () => {
  const server = await folder()
  expect(await clitron('pilot', 'notes', '--teacher', 'anthropic')).toMatchObject({ code: 2, err: expect.stringMatching(/set ANTHROPIC_API_KEY/) })
  vi.stubEnv('ANTHROPIC_BASE_URL', server.url)
  vi.stubEnv('ANTHROPIC_API_KEY', 'test')
  expect(await clitron('pilot', 'notes', '--teacher', 'anthropic', '--budget', '0.01')).toMatchObject({ code: 2, err: expect.stringMatching(/too small for one call/) })
  expect(server.paid()).toEqual([])
})

test('the plan says rows, calls, dollars, minutes and gigabytes', async () => {
  await folder()
  const plan = JSON.parse((await clitron('plan', 'notes', '--teacher', 'anthropic', '--num', '400', '--json')).out)
  expect(plan).toMatchObject({ rows: 400, calls: 20, base: 'scratch' })
  for (const figure of ['dollars', 'seconds', 'memoryBytes', 'diskBytes', 'inputTokens', 'outputTokens']) expect(plan[figure]).toBeGreaterThan(0)
  expect((await clitron('plan', 'notes')).out).toMatch(/\$0/)
})

test('a plan with rounds says what all of them may take and cost', async () => {
  await folder()
  const plan = async (...more: string[]) => JSON.parse((await clitron('plan', 'notes', '--teacher', 'anthropic', '--num', '400', ...more, '--json')).out)
  const { seconds, dollars, mostSeconds } = await plan()
  expect(mostSeconds).toBeUndefined()
  const rounds = await plan('--rounds', '2')
  expect(rounds).toMatchObject({ seconds, dollars, rounds: 2 })
  expect(rounds.mostSeconds).toBeGreaterThan(2 * seconds)
  expect(rounds.mostDollars).toBeCloseTo(1.4 * dollars)
  expect((await clitron('plan', 'notes', '--rounds', '1')).out).toMatch(/with a round at most .*\)[^]*clitron train notes --rounds 1/)
  // A schema may ask for them itself.
  appendFileSync(join(process.cwd(), 'schemas/notes.yaml'), '\ngates: {rounds: 2}\n')
  const asked = await plan()
  expect(asked).toMatchObject({ rounds: 2, whileGatesFail: true, mostSeconds: rounds.mostSeconds })
  expect((await clitron('plan', 'notes')).out).toMatch(/with all 2 rounds, made only while a gate is missed, at most .*\)[^]*clitron train notes\n/)
  expect((await plan('--rounds', '0')).rounds).toBeUndefined()
})

test('the minutes of a plan follow the folder\'s own configuration', async () => {
  await folder()
  const seconds = async () => JSON.parse((await clitron('plan', 'notes', '--json')).out).seconds
  const usual = await seconds()
  mkdirSync(join(process.cwd(), 'training', 'configs'), { recursive: true })
  writeFileSync(join(process.cwd(), 'training', 'configs', 'scratch_config.yaml'), 'sft: {training: {steps: 5}}\ndpo: {training: {}}\n')
  expect(await seconds()).toBeLessThan(usual / 2)
})

test.each(['plan', 'pilot', 'train'])('%s refuses as few examples as a train would', async (command) => {
  await folder()
  expect(await clitron(command, 'notes', '--num', '5')).toMatchObject({ code: 2, out: '', err: expect.stringContaining('--num: Too small: expected number to be >=50\n') })
})

test.each(['plan', 'pilot', 'train'])('%s refuses a configuration that is empty or has a key that nothing reads', async (command) => {
  await folder()
  mkdirSync(join(process.cwd(), 'training', 'configs'), { recursive: true })
  const file = join(process.cwd(), 'training', 'configs', 'scratch_config.yaml')
  writeFileSync(file, '')
  expect(await clitron(command, 'notes')).toMatchObject({ code: 2, out: '', err: 'training/configs/scratch_config.yaml: the file: expected the sections "sft:" and "dpo:", found nothing.\n' })
  writeFileSync(file, 'sft: {training: {stps: 5}}\ndpo: {}\n')
  expect(await clitron(command, 'notes')).toMatchObject({ code: 2, out: '', err: expect.stringContaining('sft.training.stps: nothing reads this key; did you mean "steps"?') })
})
