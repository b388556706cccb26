// Responses that can be asked for again, and gone on with, on the Mac that gave them. They hold prompts: they leave it
// only as answers. Whatever the disk does, an answer is given.
import { existsSync, rmSync } from 'node:fs'
import type { Clock } from '../../protocol/clock.ts'
import { isDamage } from '../../telemetry/history-repair.ts'
import type { Log } from '../../telemetry/log.ts'
import {
  type ItemIds,
  type ItemPlace,
  type Owner,
  openResponseDatabase,
  type ResponseDatabase,
  type ResponseRow,
} from './response-database.ts'

export interface StoredResponses {
  /** Never throws: a response that cannot be stored is told to the log. */
  keep(row: ResponseRow, items: ItemIds): void
  /** Null when none of this owner is kept. Throws when the disk refuses, as `placeOf` and `remove` do. */
  find(id: string, owner: Owner): ResponseRow | null
  /** In the latest response that has this item. */
  placeOf(itemId: string, owner: Owner): ItemPlace | null
  /** They are being gone on with. Never throws. */
  used(ids: readonly string[]): void
  /** False when it is not kept. */
  remove(id: string): boolean
  close(): void
}

export interface StoredResponsesOptions {
  readonly file: string
  readonly clock: Clock
  readonly log: Log
  readonly maxBytes?: number
}

/** From its last use on. */
const keptMs = 30 * 86_400_000
const mostBytes = 256 << 20
const pruneMs = 3_600_000
/** Of what may be kept; when so much has been added, what is too much goes. */
const pruneShare = 1 / 16

/** There is no file before there is a response. */
export function openStoredResponses(options: StoredResponsesOptions): StoredResponses {
  const { file, clock, log, maxBytes = mostBytes } = options
  let opened: ResponseDatabase | null = null
  let addedBytes = 0
  const stop = clock.every(pruneMs, prune)
  if (existsSync(file)) prune()

  return {
    keep(row, items) {
      try {
        ask(database => database.insert(row, items, clock.now()))
      } catch (error) {
        log.warn('a response could not be stored: it was given, and cannot be asked for again', {
          responseId: row.id,
          file,
          error,
        })
        return
      }
      addedBytes += row.input.length + row.response.length
      if (addedBytes > maxBytes * pruneShare) prune()
    },
    find: (id, owner) => ask(database => database.get(id, owner)),
    placeOf: (itemId, owner) => ask(database => database.placeOf(itemId, owner)),
    used(ids) {
      if (ids.length === 0) return
      try {
        ask(database => database.touch(ids, clock.now()))
      } catch (error) {
        log.warn('that responses were used could not be noted', { responseId: ids.at(-1), file, error })
      }
    },
    remove: id => ask(database => database.remove(id)),
    close() {
      stop()
      opened?.close()
      opened = null
    },
  }

  function ask<T>(question: (database: ResponseDatabase) => T): T {
    try {
      opened ??= openResponseDatabase(file)
      return question(opened)
    } catch (error) {
      if (!isDamage(error)) throw error
      startAnew(error)
      opened = openResponseDatabase(file)
      return question(opened)
    }
  }

  /** What is damaged holds prompts like the rest: it is not kept aside. */
  function startAnew(error: unknown): void {
    log.warn('the file of stored responses is damaged; a new one is made', { file, error })
    opened?.close()
    opened = null
    for (const suffix of ['', '-wal', '-shm']) rmSync(`${file}${suffix}`, { force: true })
  }

  function prune(): void {
    addedBytes = 0
    if (!opened && !existsSync(file)) return
    try {
      ask(database => database.prune(clock.now() - keptMs, maxBytes))
    } catch (error) {
      log.warn('old responses could not be removed from the disk; this is tried again', { file, error })
    }
  }
}
