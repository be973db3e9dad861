import { hostname } from 'node:os'
import { join } from 'node:path'
import { isAlive, ownIdentity, type ProcessIdentity } from '../process/identity.ts'
import { ArtifactStore } from '../store/artifacts.ts'
import { noteBytes, SqliteFile } from '../store/sqlite-file.ts'
import { dollarsOf, type Usage } from './prices.ts'

/** What a paid call brought, as it is kept and used again. */
export interface Answer {
  text: string
  stop: string
}

export interface Call {
  /** Hash over everything that decides the answer. */
  key: string
  training: string
  model: string
  batch: boolean
  /** Dollars it costs at most; held back from the budget until the result is there. */
  worst: number
}

/**
 * Held: other calls have the rest of the budget in reserve; they may turn out cheaper.
 * Elsewhere: another attempt has recorded the answers meanwhile, or is asking for them.
 */
export type Reservation = { state: 'reserved'; id: number } | { state: 'held' } | { state: 'elsewhere' } | { state: 'spent'; spent: number }

/** A batch that was sent, or was about to be when this process died. */
export interface OpenBatch {
  submission: string
  batchId: string | undefined
  created: number
  /** It has no id yet, and a living process may be about to note one. */
  onItsWay: boolean
  keys: Map<string, number>
}

export interface LedgerLine {
  day: string
  training: string
  model: string
  batch: boolean
  calls: number
  dollars: number
  usage: Usage
  /** Calls that were sent and never answered: they may have been paid for. */
  unanswered: number
  unansweredDollars: number
}

/** What a training may cost in all, what it did cost, and what is left. */
export interface BudgetLine {
  training: string
  budget: number
  paid: number
  /** At most, of calls without an answer. */
  perhaps: number
  left: number
}

/** A single call without result after this long belongs to a process that is gone. */
const callMs = 30 * 60_000
/** Room that an answer may take: the longest text that is taken (`stream.ts`), at three bytes a character, once in the log and once in the database. */
const answerBytes = 6_000_000
/** What another attempt asks for is waited for so long, as an answer takes a minute or two; then that attempt counts as frozen, and its call as lost. */
const patienceMs = 5 * 60_000
/** Batches run for a day at most, and their results are kept for 29. */
const batchMs = 29 * 24 * 3_600_000

const tables = `
  CREATE TABLE IF NOT EXISTS calls (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL,
    training TEXT NOT NULL,
    model TEXT NOT NULL,
    batch INTEGER NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'done', 'free', 'lost')), -- free: refused before anything was charged
    dollars REAL NOT NULL, -- open and lost: what it may cost at most
    input INTEGER, output INTEGER, cache_write INTEGER, cache_read INTEGER,
    stop TEXT, answer TEXT,
    submission TEXT, batch_id TEXT,
    owner TEXT NOT NULL,
    created INTEGER NOT NULL, ended INTEGER
  ) STRICT;
  CREATE TABLE IF NOT EXISTS budgets (training TEXT PRIMARY KEY, dollars REAL NOT NULL) STRICT;
  CREATE UNIQUE INDEX IF NOT EXISTS answers ON calls (key) WHERE state = 'done';
  CREATE INDEX IF NOT EXISTS by_key ON calls (key, state);
  CREATE INDEX IF NOT EXISTS by_training ON calls (training, state);`

/**
 * Paid calls, in `ledger.db` beside the artifacts: the intent before the call, the result after it.
 * A recorded answer is never bought again, but for a forced run, which has keys of its own; the reserve of the calls in flight makes the budget hard for all activities together.
 */
export class Ledger {
  readonly #file: SqliteFile
  readonly #owner = ownerOf(ownIdentity())

  constructor(root = new ArtifactStore().root) {
    this.#file = new SqliteFile(join(root, 'ledger.db'), tables)
  }

  close(): void {
    this.#file.close()
  }

  answer(key: string): Answer | undefined {
    const row = this.#file.prepare(`SELECT answer, stop FROM calls WHERE key = ? AND state = 'done'`).get(key)
    return row && { text: String(row.answer), stop: String(row.stop) }
  }

  /** Tokens that the recorded answers under these keys took. */
  usageOf(keys: string[]): Usage {
    const sum: Usage = { input: 0, output: 0, cacheWrite: 0, cacheRead: 0 }
    const find = this.#file.prepare(`SELECT input, output, cache_write, cache_read FROM calls WHERE key = ? AND state = 'done'`)
    for (const key of keys) {
      const row = find.get(key)
      if (row) add(sum, row)
    }
    return sum
  }

  /** Dollars of recorded answers of a training, and of calls that may have been charged although no answer came. */
  spent(training: string): { paid: number; perhaps: number; reserved: number } {
    const row = this.#file.prepare(`SELECT
        coalesce(sum(dollars) FILTER (WHERE state = 'done'), 0) AS paid,
        coalesce(sum(dollars) FILTER (WHERE state = 'lost'), 0) AS perhaps,
        coalesce(sum(dollars) FILTER (WHERE state = 'open'), 0) AS reserved
      FROM calls WHERE training = ?`).get(training)!
    return { paid: Number(row.paid), perhaps: Number(row.perhaps), reserved: Number(row.reserved) }
  }

  /** Notes what a training's calls are held to from now on, for people: only its run knows to what it was raised, and a run is forgotten some day. */
  setBudget(training: string, budget: number | undefined): void {
    if (budget === undefined) this.#file.run(`DELETE FROM budgets WHERE training = ?`, training)
    else this.#file.run(`INSERT INTO budgets VALUES (?, ?) ON CONFLICT DO UPDATE SET dollars = excluded.dollars`, training, budget)
  }

  /** Of each training whose last paid run was given one. */
  budgets(): BudgetLine[] {
    return this.#file.prepare(`SELECT training, dollars FROM budgets ORDER BY training`).all().map((row) => {
      const training = String(row.training)
      const budget = Number(row.dollars)
      const { paid, perhaps, reserved } = this.spent(training)
      return { training, budget, paid, perhaps: perhaps + reserved, left: Math.max(0, budget - paid - perhaps - reserved) }
    })
  }

  /** Notes that calls are about to be made: of those that nobody else has made or makes, as many, from the first, as the budget bears together. @throws (ENOSPC) where there is no room for the answers on their way */
  reserve(calls: Call[], budget: number | undefined, submission?: string): Reservation {
    return this.#file.atomically(noteBytes, () => {
      const { training } = calls[0]!
      this.#giveUpLost(training, submission === undefined ? calls.map(({ key }) => key) : [])
      // Whoever asks has looked already, but may have waited since: for the cache, for its turn, for the time that a provider named.
      const missing = calls.filter(({ key }) => !this.answer(key) && !this.#isAsked(key, submission))
      if (missing.length === 0) return { state: 'elsewhere' }
      this.#requireRoom()
      let count = missing.length
      if (budget !== undefined) {
        const { paid, perhaps, reserved } = this.spent(training)
        if (bears(budget, paid + perhaps, missing) === 0) return { state: 'spent', spent: paid + perhaps }
        count = bears(budget, paid + perhaps + reserved, missing)
        if (count === 0) return { state: 'held' }
      }
      const insert = this.#file.prepare(`INSERT INTO calls (key, training, model, batch, state, dollars, submission, owner, created) VALUES (?, ?, ?, ?, 'open', ?, ?, ?, ?)`)
      let id = 0
      for (const call of missing.slice(0, count)) id = Number(insert.run(call.key, call.training, call.model, Number(call.batch), call.worst, submission ?? null, this.#owner, Date.now()).lastInsertRowid)
      return { state: 'reserved', id }
    })
  }

  /** Records an answer and what it cost. */
  record(id: number, answer: Answer, usage: Usage): number {
    return this.#file.atomically(2 * Buffer.byteLength(answer.text) + noteBytes, () => {
      const call = this.#file.prepare(`SELECT key, model, batch FROM calls WHERE id = ?`).get(id)!
      const dollars = dollarsOf(usage, String(call.model), Boolean(call.batch))
      // A second answer to one question (two attempts side by side) was paid for, but the first stays the answer.
      const known = this.#file.prepare(`SELECT 1 FROM calls WHERE key = ? AND state = 'done' AND id <> ?`).get(String(call.key), id)
      const key = known ? `${String(call.key)}:${id}` : String(call.key)
      this.#file.prepare(`UPDATE calls SET key = ?, state = 'done', dollars = ?, input = ?, output = ?, cache_write = ?, cache_read = ?, stop = ?, answer = ?, ended = ? WHERE id = ?`)
        .run(key, dollars, usage.input, usage.output, usage.cacheWrite, usage.cacheRead, answer.stop, answer.text, Date.now(), id)
      return dollars
    })
  }

  /** The call was refused: nothing was charged. */
  free(id: number): void {
    this.#file.run(`UPDATE calls SET state = 'free', dollars = 0, ended = ? WHERE id = ? AND state = 'open'`, Date.now(), id)
  }

  /** The call went out and no whole answer came back: up to `dollars` may have been charged. */
  lose(id: number, dollars?: number): void {
    this.#file.run(`UPDATE calls SET state = 'lost', dollars = coalesce(?, dollars), ended = ? WHERE id = ? AND state = 'open'`, dollars ?? null, Date.now(), id)
  }

  batchAccepted(submission: string, batchId: string): void {
    this.#file.run(`UPDATE calls SET batch_id = ? WHERE submission = ? AND state = 'open'`, batchId, submission)
  }

  isKnownBatch(batchId: string): boolean {
    return this.#file.prepare(`SELECT 1 FROM calls WHERE batch_id = ?`).get(batchId) !== undefined
  }

  /** Batches without results that were to answer any of these keys. */
  openBatches(keys: string[]): OpenBatch[] {
    const of = this.#file.prepare(`SELECT submission FROM calls WHERE key = ? AND state = 'open' AND submission IS NOT NULL`)
    return this.#batches(keys.flatMap((key) => of.all(key).map((row) => String(row.submission))))
  }

  /** Batches of a training whose results nobody has fetched. One without an id was sent by a process that is gone, or a moment ago. */
  forgottenBatches(training: string): OpenBatch[] {
    const of = this.#file.prepare(`SELECT DISTINCT submission FROM calls WHERE training = ? AND state = 'open' AND submission IS NOT NULL AND (batch_id IS NOT NULL OR created < ?)`)
    return this.#batches(of.all(training, Date.now() - callMs).map((row) => String(row.submission)))
  }

  #batches(submissions: string[]): OpenBatch[] {
    const found = new Map<string, OpenBatch>()
    for (const submission of new Set(submissions)) {
      for (const row of this.#file.prepare(`SELECT id, key, batch_id, owner, created FROM calls WHERE submission = ? AND state = 'open'`).all(submission)) {
        const batch = found.get(submission) ?? { submission, batchId: row.batch_id === null ? undefined : String(row.batch_id), created: Number(row.created), onItsWay: row.batch_id === null && this.#isAtWork(row), keys: new Map() }
        batch.keys.set(String(row.key), Number(row.id))
        found.set(submission, batch)
      }
    }
    return [...found.values()]
  }

  /** By day, training and model, newest first. */
  lines(): LedgerLine[] {
    const rows = this.#file.prepare(`SELECT date(created / 1000, 'unixepoch', 'localtime') AS day, training, model, batch,
        count(*) FILTER (WHERE state = 'done') AS calls, coalesce(sum(dollars) FILTER (WHERE state = 'done'), 0) AS dollars,
        coalesce(sum(input), 0) AS input, coalesce(sum(output), 0) AS output, coalesce(sum(cache_write), 0) AS cache_write, coalesce(sum(cache_read), 0) AS cache_read,
        count(*) FILTER (WHERE state IN ('open', 'lost')) AS unanswered, coalesce(sum(dollars) FILTER (WHERE state IN ('open', 'lost')), 0) AS held
      FROM calls WHERE state <> 'free' GROUP BY 1, 2, 3, 4 ORDER BY 1 DESC, 2, 3`).all()
    return rows.map((row) => ({
      day: String(row.day), training: String(row.training), model: String(row.model), batch: Boolean(row.batch), calls: Number(row.calls), dollars: Number(row.dollars),
      usage: add({ input: 0, output: 0, cacheWrite: 0, cacheRead: 0 }, row), unanswered: Number(row.unanswered), unansweredDollars: Number(row.held),
    }))
  }

  /** Calls of processes that are gone may have been charged; they hold their reserve for good, or the budget would not be hard. */
  #giveUpLost(training: string, keys: string[]): void {
    const lose = this.#file.prepare(`UPDATE calls SET state = 'lost', ended = ? WHERE id = ?`)
    for (const row of this.#file.prepare(`SELECT id, key, owner, submission, created FROM calls WHERE training = ? AND state = 'open'`).all(training)) {
      const age = Date.now() - Number(row.created)
      const gone = row.submission === null ? age > callMs || this.#isGone(String(row.owner)) || (keys.includes(String(row.key)) && !this.#isAtWork(row)) : age > batchMs
      if (gone) lose.run(Date.now(), row.id!)
    }
  }

  /** Another call with this question is on its way. A batch that was sent counts for batches only, whose senders collect it; a single call collects first. */
  #isAsked(key: string, submission: string | undefined): boolean {
    const rows = this.#file.prepare(`SELECT owner, created, submission FROM calls WHERE key = ? AND state = 'open'`).all(key)
    return rows.some((row) => (row.submission === null ? this.#isAtWork(row) : submission !== undefined))
  }

  /** Made lately, by a process of this host that lives. A clock that was set back makes nobody wait for longer. */
  #isAtWork({ owner, created }: Record<string, unknown>): boolean {
    return Math.abs(Date.now() - Number(created)) < patienceMs && String(owner).startsWith(`${hostname()}:`) && !this.#isGone(String(owner))
  }

  #isGone(owner: string): boolean {
    if (owner === this.#owner) return false
    const [host, pid, ...start] = owner.split(':')
    return host === hostname() && !isAlive({ pid: Number(pid), start: start.join(':') })
  }

  /** Room for one more answer beside those on their way; what a batch answers the provider keeps, and it takes no more than one. */
  #requireRoom(): void {
    const { count } = this.#file.prepare(`SELECT count(*) AS count FROM calls WHERE state = 'open' AND submission IS NULL AND created > ?`).get(Date.now() - callMs)!
    this.#file.requireRoom(answerBytes * (Number(count) + 1))
  }
}

/** Opens the ledger for one look or one note. */
export function withLedger<T>(work: (ledger: Ledger) => T, root?: string): T {
  const ledger = new Ledger(root)
  try {
    return work(ledger)
  } finally {
    ledger.close()
  }
}

/** A process by its start too: a container gives each of its processes the same number, and a dead one must not count as this one. */
const ownerOf = ({ pid, start }: ProcessIdentity) => `${hostname()}:${pid}:${start}`

/** How many of the calls, from the first, the budget bears at their worst beside what is taken. */
function bears(budget: number, taken: number, calls: Call[]): number {
  const beyond = calls.findIndex(({ worst }) => (taken += worst) > budget)
  return beyond < 0 ? calls.length : beyond
}

function add(sum: Usage, row: Record<string, unknown>): Usage {
  sum.input += Number(row.input ?? 0)
  sum.output += Number(row.output ?? 0)
  sum.cacheWrite += Number(row.cache_write ?? 0)
  sum.cacheRead += Number(row.cache_read ?? 0)
  return sum
}
