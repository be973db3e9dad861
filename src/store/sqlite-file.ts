import { existsSync, mkdirSync, statfsSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { diskFull, isDiskFull } from '../setup/disk.ts'

/** Room that a short note may take: some pages of the log. */
export const noteBytes = 65_536

/** Result codes (https://www.sqlite.org/rescode.html): SQLITE_FULL; SQLITE_IOERR and SQLITE_CANTOPEN, which a quota and a log that cannot grow end with. */
const sqliteFull = 13
const couldNotWrite = [10, 14]

/** A database that keeps every write when its process is killed or the power goes; who finds no room on the disk is told so. */
export class SqliteFile {
  readonly path: string
  readonly #db: DatabaseSync

  /** @param tables SQL that makes what is not there yet */
  constructor(path: string, tables: string) {
    this.path = path
    this.#db = this.#told(noteBytes, () => {
      mkdirSync(dirname(path), { recursive: true })
      const db = new DatabaseSync(path, { timeout: 20_000 })
      db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; ${tables}`)
      return db
    })
  }

  close(): void {
    this.#db.close()
  }

  prepare(sql: string): StatementSync {
    return this.#db.prepare(sql)
  }

  /** One short statement. */
  run(sql: string, ...values: (string | number | null)[]): void {
    this.#told(noteBytes, () => this.prepare(sql).run(...values))
  }

  /** All of `work` or nothing of it; it writes at most so many bytes. */
  atomically<T>(bytes: number, work: () => T): T {
    return this.#told(bytes, () => {
      this.#db.exec('BEGIN IMMEDIATE')
      try {
        const result = work()
        this.#db.exec('COMMIT')
        return result
      } catch (error) {
        // SQLite may have rolled back by itself (https://www.sqlite.org/lang_transaction.html).
        if (this.#db.isTransaction) this.#db.exec('ROLLBACK')
        throw error
      }
    })
  }

  /** @throws (ENOSPC) where so many bytes would find no room */
  requireRoom(bytes: number): void {
    const free = this.#free()
    if (free < bytes) throw diskFull(this.path, bytes, free)
  }

  /** Of a write of `bytes` that finds no room, SQLite says "database or disk is full", or that it could not write. */
  #told<T>(bytes: number, work: () => T): T {
    try {
      return work()
    } catch (error) {
      const { errcode, path } = error as { errcode?: number; path?: string }
      if (path === this.path) throw error
      if (isDiskFull(error) || errcode === sqliteFull || (errcode !== undefined && couldNotWrite.includes(errcode & 0xff) && this.#free() < bytes)) throw diskFull(this.path, bytes, this.#free(), error)
      throw error
    }
  }

  /** Bytes, of the disk of the folder, or of what is above it while it is not there. */
  #free(): number {
    let folder = dirname(this.path)
    while (!existsSync(folder)) folder = dirname(folder)
    const { bavail, bsize } = statfsSync(folder)
    return bavail * bsize
  }
}
