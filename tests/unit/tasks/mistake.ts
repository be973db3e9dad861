import { expect } from 'vitest'
import { InputError } from '../../../src/errors.ts'
import type { SchemaSource } from '../../../src/tasks/family.ts'

/** What a reader of schemas says of a wrong one. */
export function mistakeOf(parse: (source: SchemaSource) => unknown, text: string): string {
  try {
    parse({ name: 'x', file: 'schemas/x.yaml', text })
  } catch (error) {
    expect(error).toBeInstanceOf(InputError)
    return (error as Error).message
  }
  throw new Error('expected an error')
}
