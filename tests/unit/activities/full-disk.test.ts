import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MockActivityEnvironment } from '@temporalio/testing'
import { execa } from 'execa'
import { afterEach, expect, test, vi } from 'vitest'
import { asFailure } from '../../../src/activities/failures.ts'
import { stage } from '../../../src/activities/stage.ts'
import { ChildFailed } from '../../../src/process/run.ts'
import { loadSchema } from '../../../src/tasks/index.ts'

afterEach(() => void vi.unstubAllEnvs())

test('a child that finds no room is tried again, however often, says where room is short, and ends well once there is some', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'full-disk-'))
  const disk = join(folder, 'disk')
  mkdirSync(disk)
  if ((await execa('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', disk], { reject: false })).exitCode !== 0) return context.skip('only root can mount a small disk here')
  try {
    vi.stubEnv('CLITRON_HOME', disk)
    vi.stubEnv('CLITRON_STORE', join(folder, 'store'))
    const schemaFile = join(import.meta.dirname, '../../fixtures/notes.yaml')
    const { family, schema } = loadSchema({ name: 'notes', file: 'notes.yaml', text: readFileSync(schemaFile, 'utf8') })
    const rows = family.plan(schema, { count: 200, seed: 1 }).map((brief) => JSON.stringify({ ...family.writeOffline(schema, brief, 1), id: brief.key }))
    writeFileSync(join(folder, 'rows.jsonl'), rows.join('\n'))
    const attempt = () => new MockActivityEnvironment().run(() => stage('dataset', 'notes', {}, async ({ work, child }) => ({
      facts: await child({ program: 'node', script: 'dataset/run-assemble', spec: { name: 'notes', schema: schemaFile, batches: [join(folder, 'rows.jsonl')], outDir: join(work, 'dataset'), seed: 1 } }),
    }))) as ReturnType<typeof stage>

    writeFileSync(join(disk, 'ballast'), Buffer.alloc(960_000))
    for (let tries = 0; tries < 3; tries++) {
      await expect(attempt()).rejects.toMatchObject({ type: 'Unavailable', nonRetryable: false, message: expect.stringMatching(/^The disk is full: \/\S+ has \d+ bytes free \(.*\)\. Free some space/) })
    }
    rmSync(join(disk, 'ballast'))
    expect((await attempt()).facts).toMatchObject({ facts: { rows: expect.any(Number) } })
  } finally {
    await execa('umount', ['-l', disk])
    rmSync(folder, { recursive: true })
  }
})

test('a training that ran for hours until its disk was full is not begun again every second', () => {
  expect((asFailure(new ChildFailed('Unavailable', 'The disk is full.'), 60_000) as { nextRetryDelay?: string }).nextRetryDelay).toBeUndefined()
})
