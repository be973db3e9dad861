import { expect, test } from 'vitest'
import { Chaos } from './harness.ts'
import { paidEnvironment, provider } from './paid.ts'

test('a run of 10,000 rows stays far from the limits of a history', async () => {
  const server = await provider()
  const workspace = new Chaos(paidEnvironment(server))
  try {
    const { exitCode, stderr } = await workspace.json(['generate', 'notes', '--teacher', 'anthropic', '--num', '10000'])
    expect(exitCode, stderr).toBe(0)
    const client = await workspace.client()
    const { events } = await client.workflow.getHandle('generate-notes').fetchHistory()
    const { raw } = await client.workflow.getHandle('generate-notes').describe()
    await client.connection.close()
    const payloads = [...JSON.stringify(events).matchAll(/"data":"([^"]*)"/g)].map(([, data]) => data!.length * 0.75)
    expect(events!.length).toBeGreaterThan(300)
    expect(events!.length).toBeLessThan(10_000)
    expect(Number(raw.workflowExecutionInfo!.historySizeBytes)).toBeLessThan(5e6)
    expect(payloads.length).toBeGreaterThan(100)
    expect(Math.max(...payloads)).toBeLessThan(256_000)
  } finally {
    await workspace.remove()
    await server.close()
  }
})
