import { describe, expect, it } from 'vitest'
import { bases, estimate, findBase } from '../../../src/setup/bases.ts'

const laptop = { cores: 4, memory: 16e9 }
const server = { cores: 16, memory: 128e9, gpu: { kind: 'cuda' as const, name: 'NVIDIA H100', memory: 80e9 } }

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

describe('estimates', () => {
  it('grow with the model, and shrink with the machine', () => {
    for (const base of bases.slice(1)) {
      expect(estimate(base, laptop).seconds).toBeGreaterThan(estimate(base, server).seconds)
      expect(estimate(base, server).disk).toBeGreaterThan(estimate(bases[0]!, server).disk)
    }
  })

  it('name the obstacle when memory will not do', () => {
    expect(estimate(findBase('llama-3.2-3b'), laptop).obstacle).toMatch(/needs 18\.\d GB of memory/)
    expect(estimate(findBase('llama-3.2-3b'), server).obstacle).toBeUndefined()
  })
})
