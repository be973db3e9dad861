import { ActivityFailure, ApplicationFailure } from '@temporalio/common'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import type { Plan } from '../../../src/plan.ts'
import type { Progress } from '../../../src/workflows/messages.ts'
import { train, type TrainResult } from '../../../src/workflows/train.ts'
import { ref, type Script, stubActivities } from './stub-activities.ts'

const server = vi.hoisted(() => ({ activities: {} as Record<string, (...args: unknown[]) => Promise<unknown>>, handlers: new Map<string, (...args: any[]) => unknown>() }))

/** The workflow's own code without a server: activities are functions, a scope can be cancelled. */
vi.mock('@temporalio/workflow', async () => {
  const { ActivityFailure, ApplicationFailure, CancelledFailure } = await import('@temporalio/common')
  const scopes: { cancel: () => void }[] = []
  return {
    ActivityFailure, ApplicationFailure,
    isCancellation: (error: unknown) => error instanceof CancelledFailure,
    proxyActivities: () => new Proxy({}, { get: (_, name: string) => (...args: unknown[]) => server.activities[name]!(...args) }),
    CancellationScope: {
      cancellable: (work: () => Promise<unknown>) => new Promise((resolve, reject) => {
        scopes.push({ cancel: () => reject(new CancelledFailure('stopped')) })
        void work().then(resolve, reject)
      }),
      nonCancellable: (work: () => Promise<unknown>) => work(),
      current: () => scopes.at(-1),
    },
    condition: async (holds: () => boolean) => { while (!holds()) await new Promise((resolve) => setTimeout(resolve, 1)) },
    defineQuery: (name: string) => ({ name }), defineUpdate: (name: string) => ({ name }),
    setHandler: ({ name }: { name: string }, handler: () => unknown) => server.handlers.set(name, handler),
    patched: () => true, log: { warn: () => {} }, setCurrentDetails: () => {}, upsertSearchAttributes: () => {},
  }
})

const failure = (type: string, message: string) => new ActivityFailure('failed', 'evaluate', '1', 'NON_RETRYABLE_FAILURE', '', ApplicationFailure.nonRetryable(message, type))
beforeEach(() => server.handlers.clear())

async function trained(script: Script, rounds?: number, more?: Pick<Plan, 'companion' | 'whileGatesFail'>) {
  const stub = stubActivities(script, rounds, failure, more)
  server.activities = stub.activities as never
  const result: TrainResult = await train({ name: 'gh' })
  return { ...stub, result }
}
const stages = () => (server.handlers.get('progress')!() as Progress).stages

const chain = (round: string) => ['sft', 'merge', 'quantize', 'preferences', 'dpo', 'quantize', 'evaluate'].map((name) => `${name}${round}`)

test('without rounds a train is what it was: no errors are sorted', async () => {
  const { called, published } = await trained([0.7])
  expect(called).toEqual(['freezePlan', 'acquireTraining', 'checkHost', 'planCoverage', 'generateBatch', 'buildDataset', '  rows of plan 0', ...chain(''), 'publish', 'notify', 'releaseTraining'])
  expect(published).toMatchObject([{ report: ref('report 0'), improvement: undefined }])
  expect(stages().map(({ title }) => title)).not.toContain('Sort errors')
})

test('a round writes only what is added, learns from all of it, and the last one that helped is published once', async () => {
  const { called, published, result } = await trained([0.7, 0.75, 0.8], 2)
  expect(called).toEqual([
    'freezePlan', 'acquireTraining', 'checkHost', 'planCoverage', 'generateBatch', 'buildDataset', '  rows of plan 0', ...chain(''), 'improve',
    'generateBatch 1', 'buildDataset 1', '  rows of plan 0, rows of errors 1', ...chain(' 1'), 'improve 1',
    'generateBatch 2', 'buildDataset 2', '  rows of plan 0, rows of errors 1, rows of errors 2', ...chain(' 2'), 'improve 2', 'publish', 'notify', 'releaseTraining',
  ])
  expect(published).toMatchObject([{ report: ref('report 2'), dataset: ref('dataset 2'), sft: ref('sft 2'), dpo: ref('dpo 2'), improvement: ref('log 2') }])
  expect(result).toMatchObject({ promoted: true, improvement: 'best 0.8', files: { report: ref('report 2'), preferences: ref('pairs 2') } })
  expect(stages().map(({ title }) => title)).toEqual(expect.arrayContaining(['First training', 'Round 1', 'Round 2: Supervised fine-tuning', 'Publish']))
})

test('a worse round is never published, and none follows it', async () => {
  const { called, published } = await trained([0.7, 0.75, 0.6, 0.9], 3)
  expect(published).toMatchObject([{ report: ref('report 1'), dataset: ref('dataset 1'), improvement: ref('log 2') }])
  expect(called).not.toContain('evaluate 3')
})

test('a gate ends a round, not the run; in the first training it ends the run', async () => {
  const { published, result } = await trained([0.7, 'Quantization cost 5 points.'], 3)
  expect(published).toMatchObject([{ report: ref('report 0'), improvement: ref('log 1') }])
  expect(result.improvement).toBe('Quantization cost 5 points.')
  await expect(trained(['Quantization cost 5 points.'], 3)).rejects.toThrow('failed')
  expect(stages().at(-1)).toMatchObject({ stage: 'publish', state: 'waiting' })
})

describe('rounds that are made only while a gate fails', () => {
  const failing = (score: number) => ({ score, fails: 'refused is 85.0%, at least 90.0% is demanded' })
  const rounds = (called: readonly string[]) => called.filter((name) => name.startsWith('evaluate'))

  test('a training that passes is published as it is, and its log says so', async () => {
    const { called, published } = await trained([0.7, 0.9], 2, { whileGatesFail: true })
    expect(rounds(called)).toEqual(['evaluate'])
    expect(published).toMatchObject([{ report: ref('report 0'), improvement: ref('log 0') }])
  })

  test('one that fails goes back to its data until it passes', async () => {
    const { called, published } = await trained([failing(0.7), 0.75, 0.9], 3, { whileGatesFail: true })
    expect(rounds(called)).toEqual(['evaluate', 'evaluate 1'])
    expect(called).toContain('  rows of plan 0, rows of errors 1')
    expect(published).toMatchObject([{ report: ref('report 1'), improvement: ref('log 1') }])
  })

  test('one that goes on failing does so as often as is allowed, and the best is published', async () => {
    const { called, published } = await trained([failing(0.7), failing(0.75), failing(0.8), 0.9], 2, { whileGatesFail: true })
    expect(rounds(called)).toEqual(['evaluate', 'evaluate 1', 'evaluate 2'])
    expect(published).toMatchObject([{ report: ref('report 2'), improvement: ref('log 2') }])
  })
})

test('a pause in a round goes on in that round', async () => {
  const stub = stubActivities([0.7, 0.75], 1, failure)
  let attempts = 0
  const { dpo } = stub.activities
  stub.activities.dpo = async (plan) => {
    if (plan.round === 1 && attempts++ === 0) {
      server.handlers.get('pause')!()
      setTimeout(() => server.handlers.get('resume')!({}), 20)
    }
    return dpo(plan)
  }
  server.activities = stub.activities as never
  await train({ name: 'gh' })
  expect(attempts).toBe(2)
  expect(stub.called.filter((name) => name === 'sft 1')).toHaveLength(1)
  expect(stub.published).toMatchObject([{ report: ref('report 1') }])
})

test('a second model goes through its own phases before the evaluation, in each round anew, and nothing is preferred', async () => {
  const companion = { name: 'intent', title: 'Intent classifier', phases: [{ name: 'base', title: 'Words', config: {} }, { name: 'context', title: 'Contexts', config: {} }] }
  const { called, evaluated } = await trained([0.7, 0.75], 1, { companion })
  const beside = (round: string) => ['sft', 'sft', 'merge', 'quantize'].map((name) => `${name} intent${round}`)
  expect(called.slice(called.indexOf('dpo'), called.indexOf('improve'))).toEqual(['dpo', 'quantize', ...beside(''), 'evaluate'])
  expect(called).toEqual(expect.arrayContaining(beside(' 1')))
  expect(evaluated).toMatchObject([{ companion: ref('gguf of intent'), training: { intent: {} } }, { companion: ref('gguf of intent') }])
  expect(stages().map(({ title, state }) => `${title}, ${state}`)).toEqual(expect.arrayContaining(['Round 1: Intent classifier: Contexts, done', 'Round 1: Intent classifier: merge, convert, quantize, done']))
})
