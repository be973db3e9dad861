import { describe, expect, it } from 'vitest'
import { checksumOf } from '../../../src/setup/temporal-cli.ts'

describe('the checksum of a download', () => {
  const sums = `${'a'.repeat(64)}  temporal_cli_1.5.1_linux_amd64.tar.gz\n${'b'.repeat(64)} *temporal_cli_1.5.1_darwin_arm64.tar.gz\n`

  it('is the one that the release names for that very file', () => {
    expect(checksumOf(sums, 'temporal_cli_1.5.1_linux_amd64.tar.gz')).toBe('a'.repeat(64))
    expect(checksumOf(sums, 'temporal_cli_1.5.1_darwin_arm64.tar.gz')).toBe('b'.repeat(64))
  })

  it('of a file that the release does not name is an error, never a pass', () => {
    expect(() => checksumOf(sums, 'temporal_cli_1.5.1_plan9_amd64.tar.gz')).toThrow('no checksum')
    expect(() => checksumOf('<html>blocked by a proxy</html>', 'x')).toThrow('no checksum')
  })
})
