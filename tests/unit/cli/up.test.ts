import { mkdtempSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { execa } from 'execa'
import { expect, test } from 'vitest'

// Nobody may make a folder in /sys, not even root.
test.runIf(process.platform === 'linux')('a folder in which nothing can be written is told before anything is set up', async () => {
  const cache = mkdtempSync(join(tmpdir(), 'clitron-cache-'))
  const { exitCode, stderr } = await execa(process.execPath, [resolve(import.meta.dirname, '../../../bin/clitron.js'), 'up'], { cwd: '/sys', reject: false, env: { CLITRON_CACHE: cache, CLITRON_HOME: undefined } })
  expect(exitCode).toBe(1)
  expect(stderr).toMatch(/^\/sys\/\.clitron\S* (is not yours to read or write|stands on a read-only file system)/)
  // Node's own.
  expect(readdirSync(cache).filter((name) => name !== 'node-compile-cache')).toEqual([])
})
