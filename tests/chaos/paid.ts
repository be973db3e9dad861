import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { StandIn } from '../standin/server.ts'
import { knowledgeOf, standIn } from '../standin/server.ts'
import { root } from '../e2e/workspace.ts'

/** A paid generation alone: forty calls or so, as many as are needed for kills to fall between them. */
export const paidRun = ['generate', 'notes', '--teacher', 'anthropic', '--num', '800']

export const provider = () => standIn({ knowledge: knowledgeOf([join(root, 'tests/fixtures/notes.yaml')]), cacheMinimum: 500 })

export const paidEnvironment = (server: Pick<StandIn, 'url'>) => ({ ANTHROPIC_API_KEY: 'key-of-nobody', ANTHROPIC_BASE_URL: server.url, CLITRON_SILENCE_SECONDS: '3' })

export interface Bought {
  /** Calls that the provider answered in full. */
  paid: number
  /** Of these, such as were asked a second time: their answer never got into the ledger. */
  twice: number
  /** Calls that were begun although their answer was recorded: must be 0. */
  again: number
  /** Calls that were sent and whose answer is not in the ledger: what is bought twice was one of these before. */
  unanswered: number
  /** Dollars of recorded answers, and what calls without an answer may have cost. */
  recorded: number
  perhaps: number
}

/** What the provider's log and the ledger of `store` say together, of the calls since `from`. */
export function bought(server: Pick<StandIn, 'paid'>, store: string, from = 0): Bought {
  const paid = server.paid().slice(from)
  const file = join(store, 'ledger.db')
  if (!existsSync(file)) throw new Error(`There is no ledger at ${file}.`)
  const db = new DatabaseSync(file, { readOnly: true })
  try {
    const sum = (where: string) => Number(db.prepare(`SELECT coalesce(sum(dollars), 0) AS dollars FROM calls WHERE ${where}`).get()!.dollars)
    const count = (from: string) => Number(db.prepare(`SELECT count(*) AS count FROM ${from}`).get()!.count)
    // A second answer stands under its question's key, a colon and its number.
    const again = count(`calls later JOIN calls done ON substr(later.key || ':', 1, instr(later.key || ':', ':') - 1) = done.key AND later.id <> done.id WHERE done.state = 'done' AND later.created > done.ended`)
    return { paid: paid.length, twice: paid.length - new Set(paid.map(({ hash }) => hash)).size, again, unanswered: count(`calls WHERE state IN ('lost', 'open')`), recorded: sum(`state = 'done'`), perhaps: sum(`state IN ('lost', 'open')`) }
  } finally {
    db.close()
  }
}
