import { execa } from 'execa'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bin, until } from '../e2e/workspace.ts'
import { Chaos, isThere, send, undisturbed } from './harness.ts'

describe('a worker', () => {
  let expected: Record<string, string>
  beforeAll(async () => {
    expected = await undisturbed()
  })

  test('frozen beyond its heartbeat timeout publishes nothing after another has taken its place', async () => {
    const workspace = new Chaos()
    let second: ReturnType<typeof execa> | undefined
    try {
      const run = workspace.train()
      const [trainer] = await workspace.atWork('sft', 'sft.py')
      const { worker } = workspace.up()
      send(worker.pid, 'SIGSTOP')
      // The laptop's supervisor sees a living process; here somebody starts another one, as a second host would.
      second = execa(process.execPath, [bin, 'worker'], { cwd: workspace.folder, env: { ...workspace.environment, TEMPORAL_ADDRESS: workspace.up().address }, reject: false, stdin: 'ignore' })
      const { exitCode, stderr } = await run
      expect(exitCode, stderr).toBe(0)
      expect(isThere(trainer!)).toBe(false)
      const files = await workspace.published()
      expect(files).toEqual(expected)
      second.kill('SIGTERM')
      await second
      send(worker.pid, 'SIGCONT')
      // It has but one place for a training's stages: that it does the next ones shows that it is through with the one it lost.
      expect((await workspace.train()).document).toMatchObject({ up_to_date: true, version: 1 })
      expect(workspace.up().worker.pid).toBe(worker.pid)
      expect(await workspace.published()).toEqual(expected)
      expect(workspace.strays()).toEqual([])
    } finally {
      second?.kill('SIGTERM')
      await second
      await workspace.remove()
    }
  })
})

describe('a training that takes its time', () => {
  const workspace = new Chaos({}, { steps: 50_000 })
  let trainers: number[]
  beforeAll(async () => {
    await workspace.train('--detach')
    trainers = await workspace.atWork('sft', 'sft.py')
  })
  afterAll(() => workspace.remove())

  test("makes a schedule's run wait, and the schedule's own policy holds among its runs", async () => {
    const client = await workspace.client()
    const schedule = await client.schedule.create({
      scheduleId: 'notes', spec: {}, policies: { overlap: 'SKIP' },
      action: { type: 'startWorkflow', workflowType: 'train', workflowId: 'train-notes', taskQueue: 'clitron', args: [{ name: 'notes', retrain: true }] },
    })
    await schedule.trigger('SKIP')
    const waiting = async () => {
      for await (const { workflowId } of client.workflow.list({ query: `ExecutionStatus = 'Running' AND WorkflowId STARTS_WITH 'train-notes-'` })) {
        const { raw } = await client.workflow.getHandle(workflowId).describe()
        const said = raw.pendingActivities?.map(({ heartbeatDetails }) => String(Buffer.from(heartbeatDetails?.payloads?.[0]?.data ?? ''))).join()
        if (said?.includes('waiting for train-notes')) return workflowId
      }
      return false
    }
    const second = await until('the scheduled run waits', 60, waiting)
    await schedule.trigger('SKIP')
    await until('the third is skipped', 30, async () => (await schedule.describe()).info.numActionsSkippedOverlap === 1)
    await client.workflow.getHandle(second).cancel()
    await schedule.delete()
    await client.connection.close()
    expect(trainers.every(isThere)).toBe(true)
  })

  // The long form's bar for it, far from the heartbeat timeout.
  test('leaves no trainer behind when its worker is killed', async () => {
    send(workspace.up().worker.pid, 'SIGKILL')
    await until('the trainer is gone', 5, () => !trainers.some(isThere))
  })

  test('is soon at work again after its worker is back', async () => {
    const back = await until('a new worker', 60, () => isThere(workspace.up().worker.pid) && Date.now())
    await workspace.atWork('sft', 'sft.py')
    expect(Date.now() - back).toBeLessThan(40_000)
  })
})

describe('a run that is cancelled', () => {
  const stages = [['check', 'preflight.py'], ['dataset', 'run-assemble'], ['sft', 'sft.py'], ['export', 'quantize.py'], ['preferences', 'run-preferences'], ['dpo', 'dpo.py'], ['eval', 'run-evaluate']] as const

  test('at each of its stages leaves no process behind, and the same command goes on', async () => {
    const workspace = new Chaos()
    try {
      for (const [stage, script] of stages) {
        const run = workspace.train()
        const children = await workspace.atWork(stage, script)
        const client = await workspace.client()
        await client.workflow.getHandle('train-notes').cancel()
        await until(`${stage} is gone`, 10, () => !children.some(isThere))
        expect((await run).exitCode, stage).toBe(130)
        await client.connection.close()
      }
      // Two at once: the second follows the first one's run.
      const [first, second] = await Promise.all([workspace.train(), workspace.train()])
      expect([first.exitCode, second.exitCode], first.stderr + second.stderr).toEqual([0, 0])
      expect(second.document.model.sha256).toBe(first.document.model.sha256)
      expect(second.document.version).toBe(first.document.version)
      expect(workspace.strays()).toEqual([])
    } finally {
      await workspace.remove()
    }
  })
})
