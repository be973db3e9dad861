import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { expect, onTestFinished, test } from 'vitest'
import { Ledger } from '../../../src/teacher/ledger.ts'
import { bought } from '../../chaos/paid.ts'

const usage = { input: 1, output: 1, cacheWrite: 0, cacheRead: 0 }

test.each([false, true])('a recorded call that is begun again is counted, also when it is answered (answered: %s)', (answered) => {
  const store = mkdtempSync(join(tmpdir(), 'paid-'))
  onTestFinished(() => rmSync(store, { recursive: true }))
  const ledger = new Ledger(store)
  const ask = (key: string) => (ledger.reserve([{ key, training: 'notes', model: 'claude-opus-4-5', batch: false, worst: 1 }], undefined) as { id: number }).id
  const question = 'a'.repeat(64)
  ledger.record(ask('b'.repeat(64)), { text: 'other', stop: 'end_turn' }, usage)
  const first = ask(question)
  const again = ask('c'.repeat(64))
  ledger.record(first, { text: 'first', stop: 'end_turn' }, usage)
  const db = new DatabaseSync(join(store, 'ledger.db'))
  db.exec(`UPDATE calls SET key = '${question}', created = (SELECT ended FROM calls WHERE id = ${first}) + 1 WHERE id = ${again}`)
  db.close()
  if (answered) ledger.record(again, { text: 'second', stop: 'end_turn' }, usage)
  ledger.close()
  expect(bought({ paid: () => [] }, store)).toMatchObject({ again: 1, unanswered: answered ? 0 : 1 })
})
