import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { explain } from '../../../src/cli/explain.ts'
import { GateError, InputError, NeedsPersonError, UnavailableError } from '../../../src/errors.ts'

it.each([
  [new InputError('x'), 2], [new GateError('x'), 3], [new NeedsPersonError('x'), 4], [new UnavailableError('x'), 1], [new Error('x'), 1],
])('%o has its exit code, also under what Temporal wraps around it', (error, code) => {
  expect(explain(error)).toMatchObject({ code, message: 'x' })
  expect(explain(new Error('Workflow execution failed', { cause: new Error('Activity task failed', { cause: error }) }))).toMatchObject({ code, message: 'x' })
})

it('a full disk is named with the folder', () => {
  const error = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', path: '/data/models/x.part' })
  expect(explain(error)).toMatchObject({ code: 1, message: expect.stringMatching(/^The disk is full \(\/data\/models\)\. Free some space/) })
})

describe('no permission', () => {
  const refused = (code: string, more: object) => explain(Object.assign(new Error(`${code}: permission denied, mkdir '/nowhere/here/.clitron'`), { code, syscall: 'mkdir', ...more }))

  it.each(['EACCES', 'EPERM'])('%s names the path, and the folder to own: the nearest that is there', (code) => {
    expect(refused(code, { path: '/nowhere/here/.clitron' })).toMatchObject({ code: 1, message: expect.stringMatching(/^\/nowhere\/here\/\.clitron is not yours to read or write \(\w+\)\. Make \/ your own .*, or run the command in a folder of your own/) })
    expect(refused(code, { path: 'schemas' }).message).toContain(`Make ${process.cwd()} your own`)
    expect(refused(code, { path: 'a.part', dest: join(tmpdir(), 'a') }).message).toContain(`Make ${tmpdir()} your own`)
  })
  it('a read-only file system can be owned by nobody', () => expect(refused('EROFS', { path: '/nowhere/x' })).toMatchObject({ code: 1, message: expect.stringMatching(/^\/nowhere\/x stands on a read-only file system .* run the command in a folder of your own/) }))
  it('what is no file keeps its own words', () => {
    expect(refused('EACCES', { syscall: 'listen', port: 80 }).message).toMatch(/^EACCES/)
    expect(refused('EACCES', { syscall: 'spawn python3', path: 'python3' }).message).toMatch(/^EACCES/)
  })
})
