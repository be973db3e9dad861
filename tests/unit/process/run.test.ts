import { join } from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { trainerEnvironment } from '../../../src/activities/commands.ts'
import type { ChildEvent } from '../../../src/process/protocol.ts'
import { runChild } from '../../../src/process/run.ts'

const script = join(import.meta.dirname, '../../fixtures/children/child.mjs')

function start(what: string, { signal = new AbortController().signal, stallSeconds = 20, onEvent = (_: ChildEvent) => {} } = {}) {
  return runChild({ command: process.execPath, args: [script, what], cwd: import.meta.dirname, env: trainerEnvironment(), signal, stallSeconds, onEvent })
}

const alive = (pid: number) => {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

describe('a heavy child', () => {
  test('reports progress and ends with a result; lines of libraries are passed over', async () => {
    const events: ChildEvent[] = []
    expect(await start('ok', { onEvent: (event) => events.push(event) })).toMatchObject({ answer: 42 })
    expect(events.map(({ event }) => event)).toEqual(['progress', 'result'])
  })

  test('gets an environment without keys', async () => {
    process.env.ANTHROPIC_API_KEY = 'canary'
    process.env.HF_TOKEN = 'canary'
    try {
      const { environment } = await start('ok')
      expect(environment).not.toContain('ANTHROPIC_API_KEY')
      expect(environment).not.toContain('HF_TOKEN')
    } finally {
      delete process.env.ANTHROPIC_API_KEY
      delete process.env.HF_TOKEN
    }
  })

  test('that ends well but without a result has failed', async () => {
    await expect(start('no-result')).rejects.toMatchObject({ name: 'ChildFailed', type: 'TrainerError' })
  })

  test('that refuses its data fails for good, in its own words', async () => {
    await expect(start('bad-input')).rejects.toMatchObject({ type: 'BadInput', message: 'row 3 has no text' })
  })

  test('that crashes leaves its last words in the message', async () => {
    await expect(start('crash')).rejects.toThrow(/out of memory/)
  })

  test('that was interrupted can be resumed', async () => {
    await expect(start('interrupted')).rejects.toMatchObject({ type: 'Interrupted' })
  })

  test('that makes no progress is stopped, although its worker lives', async () => {
    await expect(start('silent', { stallSeconds: 1 })).rejects.toMatchObject({ type: 'Interrupted', message: expect.stringContaining('No progress for 1 s') })
  })

  test('that is cancelled goes with its own children, and the cancellation stays one', async () => {
    const cancel = new AbortController()
    const reason = new Error('cancelled')
    let grandchild = 0
    const running = start('family', {
      signal: cancel.signal,
      onEvent: (event) => {
        grandchild = Number((event as { grandchild?: number }).grandchild)
        cancel.abort(reason)
      },
    })
    await expect(running).rejects.toBe(reason)
    expect(grandchild).toBeGreaterThan(0)
    // Init takes a moment to bury it.
    await vi.waitFor(() => expect(alive(grandchild)).toBe(false), 5_000)
  })
})
