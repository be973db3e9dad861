import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MockActivityEnvironment } from '@temporalio/testing'
import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { carryCheckpoints } from '../../../src/activities/checkpoints.ts'
import { stage, type StageContext } from '../../../src/activities/stage.ts'
import { ChildFailed, runChild } from '../../../src/process/run.ts'
import { ArtifactStore } from '../../../src/store/artifacts.ts'

vi.mock(import('../../../src/process/run.ts'), async (original) => ({ ...(await original()), runChild: vi.fn(async () => ({})) }))

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stage-'))
  vi.stubEnv('CLITRON_HOME', folder)
  vi.stubEnv('CLITRON_STORE', join(folder, 'store'))
  vi.mocked(runChild).mockReset().mockResolvedValue({})
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllEnvs()
  rmSync(folder, { recursive: true })
})

type Make = (context: StageContext) => Promise<{ facts: Record<string, unknown> }>
const attempt = (make: Make) => new MockActivityEnvironment().run(() => stage('sft', 'notes', { data: 1 }, make)) as ReturnType<typeof stage>
const workFolders = () => (existsSync(join(folder, 'work/notes')) ? readdirSync(join(folder, 'work/notes')) : [])

test('an attempt that was frozen while another took its place ends with "lease lost" and changes no file', async () => {
  let thaw!: () => void
  const frozen = new Promise<void>((resolve) => (thaw = resolve))
  let began!: () => void
  const beginning = new Promise<void>((resolve) => (began = resolve))
  const loser = attempt(async ({ work, child }) => {
    began()
    await frozen
    await child({ program: 'node', script: 'dataset/run-assemble', spec: {} })
    writeFileSync(join(work, 'output'), 'of the loser')
    return { facts: { by: 'loser' } }
  })
  await beginning
  const winner = await attempt(async ({ work }) => {
    writeFileSync(join(work, 'output'), 'of the winner')
    thaw()
    await expect(loser).rejects.toMatchObject({ type: 'LeaseLost', nonRetryable: false, message: expect.stringContaining('lease lost') })
    expect(readFileSync(join(work, 'output'), 'utf8')).toBe('of the winner')
    return { facts: { by: 'winner' } }
  })
  expect(winner.facts).toEqual({ by: 'winner' })
  expect(runChild).not.toHaveBeenCalled()
  expect((await attempt(async () => ({ facts: { by: 'nobody' } }))).facts).toEqual({ by: 'winner' })
})

test('of two hosts, the one that was frozen while the other went on stores no checkpoint, forgets none and records nothing', async () => {
  const store = new ArtifactStore()
  const checkpoint = (context: StageContext, name: string) => {
    const path = join(context.work, name)
    mkdirSync(path, { recursive: true })
    writeFileSync(join(path, 'weights'), name)
    return { event: 'checkpoint', step: 1, path } as const
  }
  const files = () => readdirSync(store.root, { recursive: true }).toSorted()
  let thaw!: () => void
  const frozen = new Promise<void>((resolve) => (thaw = resolve))
  let began!: () => void
  const beginning = new Promise<void>((resolve) => (began = resolve))
  const loser = attempt(async (context) => {
    const { onEvent, stored, done } = await carryCheckpoints(context, 'sft', context.work)
    onEvent(checkpoint(context, 'checkpoint-10'))
    await stored()
    began()
    await frozen
    const before = files()
    onEvent(checkpoint(context, 'checkpoint-30'))
    await stored()
    await expect(done()).rejects.toThrow('began on another host')
    expect(files()).toEqual(before)
    return { facts: { by: 'loser' } }
  })
  await beginning
  vi.stubEnv('CLITRON_HOME', join(folder, 'of the other host'))
  const winner = await attempt(async (context) => {
    const { there, onEvent, stored } = await carryCheckpoints(context, 'sft', context.work)
    expect(there).toBe(true)
    onEvent(checkpoint(context, 'checkpoint-20'))
    await stored()
    thaw()
    await expect(loser).rejects.toMatchObject({ type: 'LeaseLost', nonRetryable: false, message: expect.stringContaining('another host; this one ends without publishing (lease lost)') })
    expect(readFileSync(join(store.root, 'checkpoints', readdirSync(join(store.root, 'checkpoints'))[0]!), 'utf8')).toContain('checkpoint-20')
    return { facts: { by: 'winner' } }
  })
  expect(winner.facts).toEqual({ by: 'winner' })
})

test('what an attempt on another host recorded meanwhile stays', async () => {
  const second = await attempt(async ({ store, key }) => {
    await (await import('../../../src/store/memo.ts')).record(store, 'sft', key, { facts: { by: 'the other host' } })
    return { facts: { by: 'this one' } }
  })
  expect(second.facts).toEqual({ by: 'the other host' })
})

test('the work folder goes when its output is recorded, also after a kill between the two', async () => {
  await attempt(async ({ work }) => {
    writeFileSync(join(work, 'checkpoint'), 'x')
    return { facts: {} }
  })
  expect(workFolders()).toEqual([])
  const key = (await import('../../../src/store/memo.ts')).inputsKey({ data: 1 }).slice(0, 16)
  const left = join(folder, 'work/notes', `sft-${key}`)
  writeFileSync(`${left}.lease.json`, '{"token":"of the killed"}')
  expect((await attempt(async () => ({ facts: {} }))).upToDate).toBe(true)
  expect(workFolders()).toEqual([])
})

test("a trainer's own error is final the third time, however many workers were killed in between", async () => {
  const fails = (type: 'TrainerError' | 'Interrupted') => {
    vi.mocked(runChild).mockRejectedValueOnce(new ChildFailed(type, 'out of luck'))
    return attempt(async ({ child }) => ({ facts: await child({ program: 'node', script: 'dataset/run-assemble', spec: {} }) })).catch((error) => error)
  }
  for (const type of ['Interrupted', 'TrainerError', 'Interrupted', 'Interrupted', 'TrainerError', 'Interrupted'] as const) expect(await fails(type)).toMatchObject({ type, nonRetryable: false })
  expect(await fails('TrainerError')).toMatchObject({ type: 'TrainerError', nonRetryable: true, message: 'out of luck (tried 3 times)' })
  expect(await fails('TrainerError')).toMatchObject({ nonRetryable: false })
})

test('a damaged artifact ends the run with what to do, and is made again by the next', async () => {
  const store = new ArtifactStore()
  const ref = await store.putText('weights', 'model')
  writeFileSync(join(store.root, 'objects', ref.sha256.slice(0, 2), ref.sha256), 'weightz')
  await expect(attempt(async ({ store }) => ({ facts: { text: await store.readText(ref) } }))).rejects.toMatchObject({ nonRetryable: true, message: expect.stringContaining('run the same command again') })
  expect(await store.has(ref)).toBe(false)
})

test('the screen hears how much time is left: what a trainer says, else what the pace so far says', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'performance'] })
  const environment = new MockActivityEnvironment()
  const beats: unknown[] = []
  environment.on('heartbeat', ({ eta_seconds }) => beats.push(eta_seconds))
  await environment.run(() => stage('eval', 'notes', { data: 2 }, async ({ progress }) => {
    progress({ message: 'asking', step: 0, steps: 100 })
    vi.advanceTimersByTime(2000)
    progress({ message: 'asking', step: 20, steps: 100 })
    vi.advanceTimersByTime(2000)
    progress({ message: 'asking', step: 20, steps: 100, eta_seconds: 7 })
    vi.advanceTimersByTime(2000)
    return { facts: {} }
  }))
  expect(beats).toEqual([undefined, undefined, 8, 7])
})

test('a clock that is set back while a stage runs makes no negative duration', async () => {
  const clock = vi.spyOn(Date, 'now')
  const { seconds } = await attempt(async () => {
    clock.mockReturnValue(0)
    return { facts: {} }
  })
  clock.mockRestore()
  expect(seconds).toBeGreaterThanOrEqual(0)
})

test('a note of a child stays in the heartbeats that follow, with its beginning and its end', async () => {
  vi.useFakeTimers({ toFake: ['setInterval'] })
  onTestFinished(() => void vi.useRealTimers())
  vi.mocked(runChild).mockImplementationOnce(async ({ onEvent }) => {
    onEvent({ event: 'progress', step: 0, steps: 1, note: `masked: <s>${'x'.repeat(5000)} | learned: {}</s>` })
    onEvent({ event: 'progress', message: 'training', step: 1, steps: 9 })
    await vi.advanceTimersByTimeAsync(2_000)
    return {}
  })
  const environment = new MockActivityEnvironment()
  const beats: object[] = []
  environment.on('heartbeat', (details: object) => beats.push(details))
  await environment.run(() => stage('sft', 'notes', { data: 1 }, async ({ child }) => ({ facts: await child({ program: 'node', script: 'dataset/run-assemble', spec: {} }) })))
  expect(beats.at(-1)).toMatchObject({ message: 'training', step: 1, note: expect.stringMatching(/^masked: <s>x{300,400} … x{300,400} \| learned: \{\}<\/s>$/) })
})
