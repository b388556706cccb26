// The SQL of stored responses. Everything here may throw: a disk is below it.
import { chmodSync, closeSync, openSync } from 'node:fs'
import { DatabaseSync } from 'node:sqlite'
import { z } from 'zod'

/** Whose a response is, and who alone may have it again; null: of whoever may ask this Mac without a name. */
export type Owner = string | null

/** What is kept of one response; `input` and `response` are JSON. */
export interface ResponseRow {
  readonly id: string
  readonly previousId: string | null
  readonly sessionId: string
  readonly owner: Owner
  readonly input: string
  readonly response: string
}

/** The ids under which its items can be asked for. */
export interface ItemIds {
  readonly input: readonly string[]
  readonly output: readonly string[]
}

export interface ItemPlace {
  readonly responseId: string
  readonly part: keyof ItemIds
}

export interface ResponseDatabase {
  insert(row: ResponseRow, items: ItemIds, nowMs: number): void
  get(id: string, owner: Owner): ResponseRow | null
  /** In the latest response that has it. */
  placeOf(itemId: string, owner: Owner): ItemPlace | null
  /** They have been used, and are worth keeping for longer. */
  touch(ids: readonly string[], nowMs: number): void
  /** False: there is none. Nothing of it is left in the file. */
  remove(id: string): boolean
  prune(olderThanMs: number, maxBytes: number): void
  close(): void
}

const tables = `
  CREATE TABLE IF NOT EXISTS responses (
    serial INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE, previousId TEXT, sessionId TEXT NOT NULL, owner TEXT,
    usedAtMs REAL NOT NULL, bytes INTEGER NOT NULL,
    input TEXT NOT NULL, response TEXT NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS responses_by_use ON responses (usedAtMs, serial, bytes);
  CREATE TABLE IF NOT EXISTS items (
    itemId TEXT NOT NULL, serial INTEGER NOT NULL REFERENCES responses (serial) ON DELETE CASCADE,
    part TEXT NOT NULL,
    PRIMARY KEY (itemId, serial)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS items_by_response ON items (serial);
`

const responseRow = z.object({
  id: z.string(),
  previousId: z.string().nullable(),
  sessionId: z.string(),
  owner: z.string().nullable(),
  input: z.string(),
  response: z.string(),
})
const itemPlace = z.object({ responseId: z.string(), part: z.enum(['input', 'output']) })
const columns = Object.keys(responseRow.shape).map(column => `responses.${column}`)
/** A row and its places in the indexes, beside its text. */
const rowBytes = 512

export function openResponseDatabase(file: string): ResponseDatabase {
  const database = openForOwner(file)
  const insertResponse = database.prepare(
    `INSERT INTO responses (id, previousId, sessionId, owner, usedAtMs, bytes, input, response)
     VALUES (:id, :previousId, :sessionId, :owner, :nowMs, :bytes, :input, :response)`,
  )
  const insertItem = database.prepare('INSERT OR IGNORE INTO items VALUES (:itemId, :serial, :part)')
  const byId = database.prepare(`SELECT ${columns} FROM responses WHERE id = :id AND owner IS :owner`)
  const byItem = database.prepare(
    `SELECT id AS responseId, part FROM items JOIN responses USING (serial) WHERE itemId = :itemId AND owner IS :owner
     ORDER BY serial DESC LIMIT 1`,
  )
  const touched = database.prepare('UPDATE responses SET usedAtMs = :nowMs WHERE id = :id')
  const removed = database.prepare('DELETE FROM responses WHERE id = :id')
  const dropOld = database.prepare('DELETE FROM responses WHERE usedAtMs < :olderThanMs')
  const dropMany = database.prepare(
    `DELETE FROM responses WHERE serial IN (
       SELECT serial FROM (SELECT serial, sum(bytes) OVER (ORDER BY usedAtMs DESC, serial DESC) AS upTo FROM responses)
       WHERE upTo > :maxBytes)`,
  )

  return {
    insert: (row, items, nowMs) =>
      together(() => {
        const bytes = Buffer.byteLength(row.input) + Buffer.byteLength(row.response) + rowBytes
        const { lastInsertRowid: serial } = insertResponse.run({ ...row, bytes, nowMs })
        for (const part of itemPlace.shape.part.options)
          for (const itemId of items[part]) insertItem.run({ itemId, serial, part })
      }),
    get: (id, owner) => rowOf(byId.get({ id, owner })),
    placeOf: (itemId, owner) => itemPlace.optional().parse(byItem.get({ itemId, owner })) ?? null,
    touch: (ids, nowMs) =>
      together(() => {
        for (const id of ids) touched.run({ id, nowMs })
      }),
    remove(id) {
      if (removed.run({ id }).changes === 0) return false
      // What has been deleted is still in the write-ahead log until that is empty.
      database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
      return true
    },
    prune(olderThanMs, maxBytes) {
      dropOld.run({ olderThanMs })
      dropMany.run({ maxBytes })
      database.exec('PRAGMA wal_checkpoint(TRUNCATE)')
    },
    close: () => database.close(),
  }

  /** All of it or nothing. */
  function together(change: () => void): void {
    database.exec('BEGIN')
    try {
      change()
      database.exec('COMMIT')
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK')
      throw error
    }
  }
}

function rowOf(row: unknown): ResponseRow | null {
  return row === undefined ? null : responseRow.parse(row)
}

/** SQLite gives the files beside this one the same mode. */
function openForOwner(file: string): DatabaseSync {
  closeSync(openSync(file, 'a', 0o600))
  chmodSync(file, 0o600)
  const database = new DatabaseSync(file, { timeout: 0 })
  try {
    // `secure_delete`: what is deleted is overwritten. `synchronous = OFF`: nobody waits for the disk, where every answer of
    // this Mac would stand still; what a loss of power damages is found, and made anew, when it is read.
    database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; PRAGMA secure_delete = ON; ${tables}`)
    return database
  } catch (error) {
    database.close()
    throw error
  }
}
