// Opens the history whatever state its file is in.
import { renameSync, rmSync } from 'node:fs'
import { z } from 'zod'
import { type HistoryDatabase, openHistoryDatabase } from './history-database.ts'
import type { Log } from './log.ts'

/**
 * A file that is no history is moved aside and a new one made; where the disk refuses, the history of this run is
 * kept in memory.
 */
export function openHistoryFile(file: string, log: Log): HistoryDatabase {
  try {
    return openHistoryDatabase(file)
  } catch (error) {
    if (isDamage(error)) return replaceDamaged(file, error, log)
    return openInMemory(file, error, log)
  }
}

export function replaceDamaged(file: string, error: unknown, log: Log): HistoryDatabase {
  const aside = `${file}.damaged`
  log.warn('the history file is damaged; it is moved aside and a new one made', { file, aside, error })
  try {
    for (const suffix of ['-wal', '-shm']) rmSync(`${file}${suffix}`, { force: true })
    renameSync(file, aside)
    return openHistoryDatabase(file)
  } catch (stillWrong) {
    return openInMemory(file, stillWrong, log)
  }
}

/** True when the contents are wrong and no waiting will help, rather than the disk or another process in the way. */
export function isDamage(error: unknown): boolean {
  const parsed = sqliteError.safeParse(error)
  // The low byte is SQLite's primary result code; the rest details it.
  return parsed.success && damageCodes.has(parsed.data.errcode & 0xff)
}

const sqliteError = z.object({ errcode: z.int() })
/** SQLITE_ERROR (a table of another shape), SQLITE_CORRUPT, SQLITE_NOTADB. */
const damageCodes = new Set([1, 11, 26])

function openInMemory(file: string, error: unknown, log: Log): HistoryDatabase {
  log.warn('the history cannot be kept on disk; it lasts until this peer stops', { file, error })
  return openHistoryDatabase(':memory:')
}
