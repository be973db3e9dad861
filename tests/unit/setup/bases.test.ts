import { describe, expect, it } from 'vitest'
import { bases, estimate, findBase, parametersOf, type Work } from '../../../src/setup/bases.ts'
import { readConfigs } from '../../../src/setup/configs.ts'
import type { Host } from '../../../src/setup/host.ts'

const laptop: Host = { cores: 4, memory: 16e9 }
const server: Host = { cores: 16, memory: 128e9, gpu: { kind: 'cuda', name: 'NVIDIA H100', memory: 80e9 } }

describe('naming a base', () => {
  it('takes short names and hub ids in any case', () => {
    expect(findBase('llama-3.2-1b').hub).toBe('meta-llama/Llama-3.2-1B-Instruct')
    expect(findBase('META-LLAMA/llama-3.2-1b-instruct').id).toBe('llama-3.2-1b')
  })

  it('takes any other hub id, and reads its size from the name', () => {
    expect(findBase('someone/Tiny-1.5B-it')).toMatchObject({ hub: 'someone/Tiny-1.5B-it', parameters: 1.5e9 })
  })

  it('suggests the near one for a misspelt name', () => {
    expect(() => findBase('lama-3.2-1b')).toThrow('did you mean "llama-3.2-1b"?')
  })

  it.each(['../etc/passwd', 'a/b/c', '', 'x'.repeat(5000)])('refuses %j', (name) => {
    expect(() => findBase(name)).toThrow('A base is one of')
  })
})

describe('parameters', () => {
  const scratch = (model: Record<string, unknown>) => parametersOf(findBase('scratch'), { model })

  // Counted in the models that trainers/scratch_model.py builds with these shapes and 912 tokens.
  it.each([
    [{ layers: 'caca', hidden_size: 128, intermediate_size: 384, num_attention_heads: 4, vocab_size: 512 }, 970_752],
    [{ architecture: 'llama', layers: 'caca', hidden_size: 128, intermediate_size: 384, num_attention_heads: 4, vocab_size: 512 }, 969_856],
    [{ layers: 'caccaca', hidden_size: 256, intermediate_size: 640, num_attention_heads: 8, vocab_size: 512 }, 5_516_224],
  ])('of a model from scratch are those of its configuration: %j', (model, count) => {
    expect(scratch(model)).toBe(count)
  })

  it('of a downloaded base are known, and of any other are not', () => {
    expect(parametersOf(findBase('smollm2-135m'))).toBe(134.5e6)
    expect(parametersOf(findBase('someone/model'))).toBe(0)
  })
})

describe('estimates', () => {
  it('grow with the model, and shrink with the machine', () => {
    for (const base of bases.slice(1)) {
      expect(estimate(base, laptop).seconds).toBeGreaterThan(estimate(base, server).seconds)
      expect(estimate(base, server).disk).toBeGreaterThan(estimate(bases[0]!, server).disk)
    }
  })

  describe('of a model from scratch', () => {
    const minutes = (work: Work, host = laptop) => estimate(findBase('scratch'), host, work).seconds / 60
    const training = (steps: number, batch_size: number) => ({ config: { training: { steps, batch_size } } })

    it('follow the steps and the batches that its configuration runs', () => {
      const fixed = minutes(training(1, 1))
      expect(minutes(training(3600, 32)) - fixed).toBeCloseTo(2 * (minutes(training(1800, 32)) - fixed), 1)
      expect(minutes(training(1800, 64))).toBeCloseTo(minutes(training(3600, 32)), 5)
      expect(minutes({ config: { model: { hidden_size: 256 } } })).toBeGreaterThan(3 * minutes({}))
    })

    it('grow with the examples and pairs that the model is asked about', () => {
      expect(minutes({ examples: 100_000 })).toBeGreaterThan(minutes({ examples: 1000 }))
      expect(minutes({ pairs: 10_000 })).toBeGreaterThan(minutes({ pairs: 1000 }) + 1)
    })

    it('are near what was measured: 13 minutes on two cores', () => {
      expect(minutes({ examples: 81_720 }, { cores: 2, memory: 8e9 })).toBeGreaterThan(10)
      expect(minutes({ examples: 81_720 }, { cores: 2, memory: 8e9 })).toBeLessThan(20)
    })

    it('count as the package configures it where nothing else is said', async () => {
      expect(minutes({ config: (await readConfigs('scratch')).sft })).toBe(minutes({}))
    })

    it('name the key that is no number', () => {
      expect(() => minutes({ config: { training: { steps: 'many' } } })).toThrow('scratch_config.yaml: sft.training.steps: ')
    })
  })

  it('name the obstacle when memory will not do', () => {
    expect(estimate(findBase('llama-3.2-3b'), laptop).obstacle).toMatch(/needs 18\.\d GB of memory/)
    expect(estimate(findBase('llama-3.2-3b'), server).obstacle).toBeUndefined()
  })
})
