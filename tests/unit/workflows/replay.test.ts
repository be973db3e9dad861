import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from '@temporalio/worker'
import { describe, expect, test } from 'vitest'

const folder = join(import.meta.dirname, '../../histories')
const histories = readdirSync(folder).filter((file) => file.endsWith('.json'))

describe('a run that was begun by an earlier release goes on with this one', () => {
  test('there is a history of every workflow type', () => {
    const types = new Set(histories.map((file) => file.split('-')[0]))
    expect([...types].sort()).toEqual(['dpo', 'eval', 'generate', 'preferences', 'quantize', 'sft', 'train'])
  })

  test.each(histories)('%s replays without a difference', async (file) => {
    const history = JSON.parse(readFileSync(join(folder, file), 'utf8'))
    await Worker.runReplayHistory({ workflowsPath: join(import.meta.dirname, '../../../src/workflows/index.ts'), interceptors: { workflowModules: [join(import.meta.dirname, '../../../src/workflows/summaries.ts')] } }, history)
  })
})

describe('what crosses an activity boundary stays small', () => {
  test.each(histories)('%s: no payload over 32 kB, under 1 MB in all', (file) => {
    const text = readFileSync(join(folder, file), 'utf8')
    const payloads = [...text.matchAll(/"data": ?"([^"]*)"/g)].map(([, data]) => data!.length)
    expect(Math.max(...payloads)).toBeLessThan(32_000)
    expect(text.length).toBeLessThan(1_000_000)
  })
})
