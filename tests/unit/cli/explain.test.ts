import { expect, it } from 'vitest'
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
