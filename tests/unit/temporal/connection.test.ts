import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { connectionOptions } from '../../../src/temporal/connection.ts'

const home = mkdtempSync(join(tmpdir(), 'clitron-home-'))
const file = join(home, 'temporal.toml')
writeFileSync(file, '[profile.default]\naddress = "cloud.example:7233"\nnamespace = "theirs"\napi_key = "secret"\n[profile.other]\naddress = "other.example:7233"\n')

beforeEach(() => {
  for (const name of ['TEMPORAL_ADDRESS', 'TEMPORAL_PROFILE', 'TEMPORAL_CONFIG_FILE', 'TEMPORAL_NAMESPACE', 'TEMPORAL_API_KEY']) vi.stubEnv(name, undefined)
  vi.stubEnv('CLITRON_HOME', mkdtempSync(join(tmpdir(), 'clitron-state-')))
})
afterEach(() => vi.unstubAllEnvs())

describe('the connection', () => {
  it('to the local server takes nothing from a profile that lies in the home folder', async () => {
    // Where the Temporal libraries look by themselves, on every platform.
    const { cpSync, mkdirSync } = await import('node:fs')
    for (const folder of ['.config/temporalio', 'Library/Application Support/temporalio']) {
      mkdirSync(join(home, folder), { recursive: true })
      cpSync(file, join(home, folder, 'temporal.toml'))
    }
    vi.stubEnv('HOME', home)
    vi.stubEnv('XDG_CONFIG_HOME', join(home, '.config'))
    expect(await connectionOptions()).toEqual({ address: '127.0.0.1:7233', namespace: 'default' })
  })

  it('is the profile\'s when a person names the file or the profile', async () => {
    vi.stubEnv('TEMPORAL_CONFIG_FILE', file)
    expect(await connectionOptions()).toMatchObject({ address: 'cloud.example:7233', namespace: 'theirs', apiKey: 'secret' })
    vi.stubEnv('TEMPORAL_PROFILE', 'other')
    expect(await connectionOptions()).toMatchObject({ address: 'other.example:7233', namespace: 'default' })
  })

  it('is refused when file or profile are not there, instead of falling back to another server', async () => {
    vi.stubEnv('TEMPORAL_CONFIG_FILE', join(home, 'none.toml'))
    await expect(connectionOptions()).rejects.toThrow('there is no such file')
    vi.stubEnv('TEMPORAL_CONFIG_FILE', file)
    vi.stubEnv('TEMPORAL_PROFILE', 'nobody')
    await expect(connectionOptions()).rejects.toThrow('TEMPORAL_PROFILE=nobody')
  })
})
