import { expect, test } from 'vitest'
import { dividedAmongPhases } from '../../../src/setup/phases.ts'
import type { Phase } from '../../../src/tasks/family.ts'
import { fakeFamily, fakeSchema } from '../../fixtures/fake-family.ts'

const phase = (share: number, rest: Partial<Phase> = {}): Phase => ({ name: `p${share}`, title: `Phase of ${share}`, share, takes: () => true, ...rest })
const withPhases = (...phases: Phase[]) => ({ ...fakeFamily, phases: () => phases })
const scratch = { model: { layers: 'ca' }, training: { steps: 1000, decay: 0.5 } }

test('a kind of task without phases trains as it is configured', () => {
  expect(dividedAmongPhases(fakeFamily, fakeSchema, 'scratch', scratch)).toEqual({ phases: [], sft: scratch })
})

test('phases share the configured steps, with their own rates, and leave the rest to the training on all rows', () => {
  const { phases, sft } = dividedAmongPhases(withPhases(phase(0.1, { scratch: { decay: 0 }, downloaded: { learning_rate: '1e-5' } }), phase(0.3)), fakeSchema, 'scratch', scratch)
  expect(phases).toEqual([
    { name: 'p0.1', title: 'Phase of 0.1', config: { model: { layers: 'ca' }, training: { steps: 100, decay: 0 } } },
    { name: 'p0.3', title: 'Phase of 0.3', config: { model: { layers: 'ca' }, training: { steps: 300, decay: 0.5 } } },
  ])
  expect(sft).toEqual({ model: { layers: 'ca' }, training: { steps: 600, decay: 0.5 } })
})

test('a downloaded base shares its epochs, and its steps only where they are limited', () => {
  const family = withPhases(phase(0.25, { scratch: { decay: 0 }, downloaded: { learning_rate: '1e-5' } }))
  expect(dividedAmongPhases(family, fakeSchema, 'llama', { training: { num_train_epochs: 4, max_steps: -1, learning_rate: '2e-5' } })).toEqual({
    phases: [{ name: 'p0.25', title: 'Phase of 0.25', config: { training: { num_train_epochs: 1, max_steps: -1, learning_rate: '1e-5' } } }],
    sft: { training: { num_train_epochs: 3, max_steps: -1, learning_rate: '2e-5' } },
  })
  expect(dividedAmongPhases(family, fakeSchema, 'llama', { training: { num_train_epochs: 4, max_steps: 2 } }).phases[0]!.config.training).toMatchObject({ max_steps: 1 })
})

test('phases that leave nothing for all rows are a mistake of the kind of task', () => {
  expect(() => dividedAmongPhases(withPhases(phase(0.5), phase(0.5)), fakeSchema, 'scratch', scratch)).toThrow('leave nothing')
})
