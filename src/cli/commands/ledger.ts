import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Ledger, type LedgerLine } from '../../teacher/ledger.ts'
import { ArtifactStore } from '../../store/artifacts.ts'
import { money } from '../../text.ts'
import { print, printJson, table } from '../print.ts'

/** Paid calls by day, training and model. */
export async function ledger({ json }: { json?: boolean }): Promise<void> {
  const { root } = new ArtifactStore()
  const lines = existsSync(join(root, 'ledger.db')) ? read(root) : []
  const dollars = lines.reduce((sum, line) => sum + line.dollars, 0)
  if (json) return printJson({ dollars, unansweredDollars: lines.reduce((sum, line) => sum + line.unansweredDollars, 0), lines })
  if (!lines.length) return print('Nothing was paid for here.')
  const thousands = (tokens: number) => `${(tokens / 1000).toFixed(1)}k`
  print(table([
    ['day', 'training', 'model', 'calls', 'tokens in', 'from cache', 'tokens out', 'dollars', 'unanswered'],
    ...lines.map(({ day, training, model, batch, calls, usage, dollars, unanswered, unansweredDollars }) => [
      day, training, `${model}${batch ? ' (batch)' : ''}`, String(calls), thousands(usage.input + usage.cacheWrite + usage.cacheRead), thousands(usage.cacheRead), thousands(usage.output), money(dollars),
      unanswered ? `${unanswered} (up to ${money(unansweredDollars)})` : '-',
    ]),
  ]))
  print(`\n${money(dollars)} in all. Unanswered calls were sent, then interrupted: they may have been charged, and count against the budget.`)
}

function read(root: string): LedgerLine[] {
  const book = new Ledger(root)
  try {
    return book.lines()
  } finally {
    book.close()
  }
}
