import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { withLedger } from '../../teacher/ledger.ts'
import { ArtifactStore } from '../../store/artifacts.ts'
import { money } from '../../text.ts'
import { print, printJson, table } from '../print.ts'

/** Paid calls by day, training and model, and what is left of each training's budget. */
export async function ledger({ json }: { json?: boolean }): Promise<void> {
  const { root } = new ArtifactStore()
  const { lines, budgets } = existsSync(join(root, 'ledger.db')) ? withLedger((book) => ({ lines: book.lines(), budgets: book.budgets() }), root) : { lines: [], budgets: [] }
  const dollars = lines.reduce((sum, line) => sum + line.dollars, 0)
  if (json) return printJson({ dollars, unansweredDollars: lines.reduce((sum, line) => sum + line.unansweredDollars, 0), lines, budgets })
  if (!lines.length) print('Nothing was paid for here.')
  else {
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
  for (const { training, budget, paid, perhaps, left } of budgets) print(`${training}: of its budget of ${money(budget)}, ${money(paid)} ${perhaps ? `and perhaps ${money(perhaps)} more ` : ''}are spent and ${money(left)} are left.`)
}
