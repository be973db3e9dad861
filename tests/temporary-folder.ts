import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Everything that a run of the tests leaves in the host's temporary folder goes with the run, whichever test it was and however it ended. */
export function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'clitron-tests-'))
  process.env.TMPDIR = folder
  return () => rmSync(folder, { recursive: true, force: true })
}
