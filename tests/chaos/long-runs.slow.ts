import { existsSync, readFileSync } from 'node:fs'
import { afterAll, describe, expect, test } from 'vitest'
import { until } from '../e2e/workspace.ts'
import type { Progress } from '../../src/workflows/messages.ts'
import { Chaos, send, small, undisturbed } from './harness.ts'

/** Waits until the run is at `title`, with its trainer at work. */
async function trainerAt(workspace: Chaos, workflowId: string, title: RegExp): Promise<number> {
  await until('a server is up', 120, () => existsSync(workspace.path('.clitron/up.json')))
  const client = await workspace.client()
  try {
    await until(`${workflowId} is at ${title}`, 300, async () => {
      const progress = await client.workflow.getHandle(workflowId).query<Progress>('progress').catch(() => undefined)
      return progress?.stages.some((stage) => stage.state === 'running' && title.test(stage.title))
    })
  } finally {
    await client.connection.close()
  }
  const [trainer] = await workspace.atWork(String(title), 'sft.py')
  return trainer!
}

const document = (workspace: Chaos, file: string) => JSON.parse(readFileSync(workspace.path('training/models/notes', file), 'utf8'))

describe('a search whose trainer and worker are killed', () => {
  const args = ['search', 'notes', '--num', '120', '--vary', 'training.muon_learning_rate=0.005,0.02', '--trials', '2']
  const undisturbedSearch = new Chaos()
  const workspace = new Chaos()
  afterAll(() => Promise.all([undisturbedSearch.remove(), workspace.remove()]))

  test('compares the same trials by the same losses', async () => {
    const expected = await undisturbedSearch.json(args)
    expect(expected.exitCode, expected.stderr).toBe(0)

    const search = workspace.json(args)
    send(await trainerAt(workspace, 'search-notes', /^Trial 1:/), 'SIGKILL')
    await trainerAt(workspace, 'search-notes', /^Trial 2:/)
    send(workspace.up().worker.pid, 'SIGKILL')
    const { exitCode, stderr } = await search
    expect(exitCode, stderr).toBe(0)

    const untimed = ({ trials, ...results }: any) => ({ ...results, trials: trials.map(({ seconds: _, tokens_per_second: __, ...trial }: any) => trial) })
    expect(untimed(document(workspace, 'hyperparameter_results.json'))).toEqual(untimed(document(undisturbedSearch, 'hyperparameter_results.json')))
    expect(workspace.strays()).toEqual([])
  })
})

describe('a train with a further round, killed in it', () => {
  const args = ['train', 'notes', ...small, '--rounds', '1']
  const workspace = new Chaos()
  afterAll(() => workspace.remove())

  test('publishes what an undisturbed one does, and its log has every round', async () => {
    const expected = await undisturbed(args)

    const run = workspace.json(args)
    send(await trainerAt(workspace, 'train-notes', /^Round 1: Supervised/), 'SIGKILL')
    await workspace.atWork('the round again', 'sft.py')
    send(workspace.up().worker.pid, 'SIGKILL')
    const { exitCode, stderr } = await run
    expect(exitCode, stderr).toBe(0)

    expect(await workspace.published()).toEqual(expected)
    const { rounds, stopped, best } = document(workspace, 'improvement_log.json')
    expect(rounds).toHaveLength(2)
    expect(rounds[1]).toMatchObject({ round: 1, because: { round: 0 }, kept: best === 1 })
    expect(rounds[1].added.rows).toBeGreaterThan(0)
    expect(stopped).toMatch(/round 1 does not help|the one round is done/)
  })
})
