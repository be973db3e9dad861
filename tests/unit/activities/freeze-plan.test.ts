import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MockActivityEnvironment } from '@temporalio/testing'
import { expect, onTestFinished, test, vi } from 'vitest'
import { freezePlan } from '../../../src/activities/freeze-plan.ts'

test.each([
  ['q4km', 'did you mean "q4_k_m"?'], ['Q8', 'did you mean "q8_0"?'], ['tiny', 'found "tiny".'],
])('a run started with the quantization %s is refused at once, with the nearest type, and it is not kept', async (quant, words) => {
  const store = mkdtempSync(join(tmpdir(), 'plan-'))
  vi.stubEnv('CLITRON_STORE', store)
  onTestFinished(() => {
    vi.unstubAllEnvs()
    rmSync(store, { recursive: true })
  })
  const frozen = new MockActivityEnvironment().run(freezePlan, { name: 'notes', options: { quant } })
  await expect(frozen).rejects.toMatchObject({ type: 'BadInput', nonRetryable: true, message: expect.stringContaining(words) })
  expect(existsSync(join(store, 'options'))).toBe(false)
})
