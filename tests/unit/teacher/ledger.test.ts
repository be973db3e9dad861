import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { Ledger } from '../../../src/teacher/ledger.ts'
import { Random } from '../../../src/teacher/random.ts'

const answers = Array.from({ length: 8 }, (_, index) => ({ key: `call ${index}`, text: `${index} `.repeat(1500 + 400 * index) }))
const usage = { input: 10, output: 20, cacheWrite: 0, cacheRead: 0 }

let files: { database: Buffer; log: Buffer; checkpointed: Buffer }
beforeAll(() => {
  const root = mkdtempSync(join(tmpdir(), 'ledger-'))
  // The empty tables are in the database itself, all answers in the log.
  new Ledger(root).close()
  const ledger = new Ledger(root)
  for (const { key, text } of answers) {
    const { id } = ledger.reserve([{ key, training: 'notes', model: 'claude-opus-4-5', batch: false, worst: 1 }], undefined) as { id: number }
    ledger.record(id, { text, stop: 'end_turn' }, usage)
  }
  const [database, log] = ['ledger.db', 'ledger.db-wal'].map((name) => readFileSync(join(root, name))) as [Buffer, Buffer]
  ledger.close()
  files = { database, log, checkpointed: readFileSync(join(root, 'ledger.db')) }
  rmSync(root, { recursive: true })
})

/** How many answers a ledger of these files holds; they must be the first ones, and whole. */
function held(root: string, database: Buffer, log: Buffer): number {
  rmSync(root, { recursive: true, force: true })
  mkdirSync(root)
  writeFileSync(join(root, 'ledger.db'), database)
  writeFileSync(join(root, 'ledger.db-wal'), log)
  const ledger = new Ledger(root)
  const found = answers.map(({ key }) => ledger.answer(key)?.text)
  const count = found.filter((text) => text !== undefined).length
  expect(found).toEqual(answers.map(({ text }, index) => (index < count ? text : undefined)))
  // Of the calls behind them at most the next had begun.
  const { paid, perhaps, reserved } = ledger.spent('notes')
  expect([paid > 0, perhaps, reserved <= 1]).toEqual([count > 0, 0, true])
  ledger.close()
  return count
}

function folder(): string {
  const root = mkdtempSync(join(tmpdir(), 'ledger-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  return join(root, 'store')
}

/** Around the borders of pages, where a write is likeliest to end, and anywhere else. */
function cuts(length: number, page: number, seed: string): number[] {
  const random = new Random(seed)
  const borders = Array.from({ length: 8 }, () => random.int(0, Math.floor(length / page)) * page).flatMap((border) => [border - 1, border, border + 1])
  return [0, length, ...borders, ...Array.from({ length: 24 }, () => random.int(0, length))].filter((cut) => cut >= 0 && cut <= length).sort((a, b) => a - b)
}

test('cut at any byte of its log, the ledger opens and holds the first answers, none of them half', () => {
  const root = folder()
  const counts = cuts(files.log.length, 4096 + 24, 'log').map((cut) => held(root, files.database, files.log.subarray(0, cut)))
  expect(counts).toEqual([...counts].sort((a, b) => a - b))
  expect([counts[0], counts.at(-1)]).toEqual([0, answers.length])
  expect(new Set(counts).size).toBeGreaterThan(answers.length / 2)
})

test('killed at any byte of taking the log over into the database, it holds every answer', () => {
  const root = folder()
  for (const cut of cuts(files.checkpointed.length, 4096, 'database')) {
    const torn = Buffer.concat([files.checkpointed.subarray(0, cut), files.database.subarray(cut)])
    expect(held(root, torn, files.log)).toBe(answers.length)
  }
})
