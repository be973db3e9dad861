import { expect, test } from 'vitest'
import { plannedCompanion, plannedPhases } from '../../../src/setup/phases.ts'
import type { Companion, Phase } from '../../../src/tasks/family.ts'
import { fakeFamily, fakeSchema } from '../../fixtures/fake-family.ts'

const phase = (share: number, rest: Partial<Phase> = {}): Phase => ({ name: `p${share}`, title: `Phase of ${share}`, share, takes: () => true, ...rest })
const withPhases = (...phases: Phase[]) => ({ ...fakeFamily, phases: () => phases })
const scratch = { model: { layers: 'ca' }, training: { steps: 1000, decay: 0.5 } }

test('a kind of task without phases has none', () => {
  expect(plannedPhases(fakeFamily, fakeSchema, 'scratch', scratch)).toEqual([])
})

test('phases share the configured steps, with their own rates', () => {
  expect(plannedPhases(withPhases(phase(0.1, { scratch: { training: { decay: 0 } }, downloaded: { training: { learning_rate: '1e-5' } } }), phase(0.9)), fakeSchema, 'scratch', scratch)).toEqual([
    { name: 'p0.1', title: 'Phase of 0.1', config: { model: { layers: 'ca' }, training: { steps: 100, decay: 0 } } },
    { name: 'p0.9', title: 'Phase of 0.9', config: { model: { layers: 'ca' }, training: { steps: 900, decay: 0.5 } } },
  ])
})

test('a downloaded base shares its epochs, and its steps only where they are limited', () => {
  const family = withPhases(phase(0.25, { scratch: { training: { decay: 0 } }, downloaded: { training: { learning_rate: '1e-5' } } }), phase(0.75, { downloaded: { training: { num_train_epochs: 5 } } }))
  expect(plannedPhases(family, fakeSchema, 'llama', { training: { num_train_epochs: 4, max_steps: -1, learning_rate: '2e-5' } }).map(({ config }) => config.training)).toEqual([
    { num_train_epochs: 1, max_steps: -1, learning_rate: '1e-5' }, { num_train_epochs: 5, max_steps: -1, learning_rate: '2e-5' },
  ])
  expect(plannedPhases(family, fakeSchema, 'llama', { training: { num_train_epochs: 4, max_steps: 2 } })[0]!.config.training).toMatchObject({ max_steps: 1 })
})

test('shares that do not add up are a mistake of the kind of task', () => {
  expect(() => plannedPhases(withPhases(phase(0.5), phase(0.4)), fakeSchema, 'scratch', scratch)).toThrow('add up to 0.9')
})

test('a schema may limit the steps of all phases together, and no configuration is made longer by it', () => {
  const family = { ...withPhases(phase(0.5), phase(0.5)), mostSteps: () => ({ scratch: 200, downloaded: 1000 }) }
  const training = (base: string, given: Record<string, unknown>) => plannedPhases(family, fakeSchema, base, { training: given })[0]!.config.training
  expect(training('scratch', { steps: 2600 })).toEqual({ steps: 100 })
  expect(training('scratch', { steps: 40 })).toEqual({ steps: 20 })
  expect(training('llama', { num_train_epochs: 4, max_steps: -1 })).toEqual({ num_train_epochs: 2, max_steps: 500 })
  expect(training('llama', { num_train_epochs: 4 })).toEqual({ num_train_epochs: 2, max_steps: 500 })
  expect(training('llama', { num_train_epochs: 4, max_steps: 2 })).toEqual({ num_train_epochs: 2, max_steps: 1 })
})

test('the model beside the first one has phases, sections and a share of the steps of its own', () => {
  const companion: Companion = { name: 'mood', title: 'Moods', labels: ['good'], labelOf: () => null, systemText: '', phases: [phase(0.5, { scratch: { model: { layers: 'a' }, schedule: { begin: 0 } } }), phase(0.5)] }
  expect(plannedCompanion(fakeFamily, fakeSchema, 'scratch', scratch)).toBeUndefined()
  expect(plannedCompanion({ ...fakeFamily, companion: () => companion, mostSteps: () => ({ scratch: 100, downloaded: 1 }) }, fakeSchema, 'scratch', scratch)).toEqual({
    name: 'mood', title: 'Moods', phases: [
      { name: 'p0.5', title: 'Phase of 0.5', config: { model: { layers: 'a' }, training: { steps: 50, decay: 0.5 }, schedule: { begin: 0 } } },
      { name: 'p0.5', title: 'Phase of 0.5', config: { model: { layers: 'ca' }, training: { steps: 50, decay: 0.5 } } },
    ],
  })
})
