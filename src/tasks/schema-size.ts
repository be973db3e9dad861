import { InputError } from '../errors.ts'

/** Largest schema that is read, in bytes. */
export const maxSchemaBytes = 1_048_576

/** @throws InputError for a larger one */
export function checkSchemaSize(file: string, bytes: number): void {
  if (bytes > maxSchemaBytes) throw new InputError(`${file}:1:1: expected at most 1 MB, found ${(bytes / 1e6).toFixed(1)} MB; shorten the schema.`)
}
