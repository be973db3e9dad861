import { ExitCode } from '../../errors.ts'
import { doctor } from '../../setup/doctor.ts'
import { green, print, printJson, red } from '../print.ts'

export async function runDoctor({ base, json }: { base?: string; json?: boolean }): Promise<void> {
  const checks = await doctor({ base: base ?? 'scratch' })
  const ok = checks.every((check) => check.ok)
  if (!ok) process.exitCode = ExitCode.failed
  if (json) return printJson({ ok, checks })
  for (const check of checks) print(`${check.ok ? green('✔') : red('✘')} ${check.name.padEnd(14)} ${check.found}${check.ok || !check.fix ? '' : `\n    mend it with: ${check.fix}`}`)
}
