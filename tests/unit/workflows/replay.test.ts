import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Worker } from '@temporalio/worker'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { fromJson, toJson } from '../../../src/temporal/codec.ts'
import { dataConverter } from '../../../src/temporal/data-converter.ts'
import * as workflows from '../../../src/workflows/index.ts'

const folder = join(import.meta.dirname, '../../histories')
const histories = readdirSync(folder).filter((file) => file.endsWith('.json'))
const read = (file: string) => JSON.parse(readFileSync(join(folder, file), 'utf8'))
const source = (file: string) => join(import.meta.dirname, '../../../src', file)
const replay = (history: object) => Worker.runReplayHistory({ workflowsPath: source('workflows/index.ts'), interceptors: { workflowModules: [source('workflows/summaries.ts')] }, dataConverter: dataConverter() }, history)

const key = '00'.repeat(32)
afterEach(() => vi.unstubAllEnvs())

describe('a run that was begun by an earlier release goes on with this one', () => {
  test('there is a history of every workflow type', () => {
    const types = new Set(histories.map((file) => file.split('-')[0]))
    expect([...types].sort()).toEqual(Object.keys(workflows).sort())
  })

  test.each(histories)('%s replays without a difference', async (file) => {
    await replay(read(file))
  })
})

describe('a run whose payloads are encoded', () => {
  const encoded = async () => {
    vi.stubEnv('CLITRON_CODEC_KEY', key)
    const [codec] = dataConverter().payloadCodecs!
    const walk = async (node: any): Promise<any> => {
      if (Array.isArray(node)) return Promise.all(node.map(walk))
      if (node === null || typeof node !== 'object') return node
      // Search attributes are the server's own and markers the SDK's: no codec touches them.
      const parts = Object.entries(node).map(async ([name, value]: [string, any]) => [name, ['searchAttributes', 'markerRecordedEventAttributes'].includes(name) ? value : name === 'payloads' ? (await codec!.encode(value.map(fromJson))).map(toJson) : await walk(value)])
      return Object.fromEntries(await Promise.all(parts))
    }
    return walk(read('generate-waited-0.1.0.json'))
  }

  test('goes on with the key, also one that began in clear', async () => {
    await replay(await encoded())
    await replay(read('generate-waited-0.1.0.json'))
  })

  test('does not go on without it, and the message names the key', async () => {
    const history = await encoded()
    vi.stubEnv('CLITRON_CODEC_KEY', '11'.repeat(32))
    await expect(replay(history)).rejects.toThrow(/which is not here/)
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
