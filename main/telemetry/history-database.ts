// The SQL of the history: requests one by one, and sums of spans of 10 s. Everything here may throw: a disk is below it.
import { DatabaseSync } from 'node:sqlite'
import { z } from 'zod'
import { recordedChoice } from '../protocol/choices.ts'
import {
  type RequestRecord,
  type RequestStatus,
  type RequestSummary,
  requestStatuses,
} from './request-record.ts'
import type { Sample } from './timeseries.ts'

export interface HistoryDatabase {
  /** In one transaction. */
  write(requests: readonly RequestRecord[], samples: readonly Sample[]): void
  /** The latest first. */
  requests(limit: number, status: RequestStatus | null): RequestSummary[]
  /** The latest of that id. */
  request(requestId: string): RequestRecord | null
  /** Sums over steps of `stepMs`, counted from `fromMs`. */
  samples(fromMs: number, stepMs: number): Sample[]
  totals(fromMs: number): Totals
  prune(olderThanMs: number, keepRequests: number): void
  close(): void
}

/** Sums over all spans; `busySpans` of them generated tokens. */
export interface Totals {
  readonly requests: number
  readonly failed: number
  readonly tokens: number
  readonly latencyMs: number
  readonly busySpans: number
}

const tables = `
  CREATE TABLE IF NOT EXISTS requests (
    id INTEGER PRIMARY KEY,
    requestId TEXT NOT NULL, modelId TEXT NOT NULL, workerId TEXT, status TEXT NOT NULL, httpStatus INTEGER NOT NULL,
    startedAtMs REAL NOT NULL, latencyMs REAL NOT NULL, firstTokenMs REAL,
    promptTokens INTEGER NOT NULL, tokensGenerated INTEGER NOT NULL, cachedTokens INTEGER NOT NULL, errorCode TEXT,
    choices TEXT
  ) STRICT;
  CREATE INDEX IF NOT EXISTS requests_by_status ON requests (status, id);
  CREATE INDEX IF NOT EXISTS requests_by_request_id ON requests (requestId);
  CREATE TABLE IF NOT EXISTS samples (
    atMs REAL PRIMARY KEY, requests INTEGER NOT NULL, failed INTEGER NOT NULL, tokens INTEGER NOT NULL,
    latencyMs REAL NOT NULL
  ) STRICT;
`

const summaryRow = z.object({
  requestId: z.string(),
  modelId: z.string(),
  workerId: z.string().nullable(),
  status: z.enum(requestStatuses),
  httpStatus: z.number(),
  startedAtMs: z.number(),
  latencyMs: z.number(),
  firstTokenMs: z.number().nullable(),
  promptTokens: z.number(),
  tokensGenerated: z.number(),
  cachedTokens: z.number(),
  errorCode: z.string().nullable(),
})
/** Reasons that another release kept in other words are none. */
const choices = z.array(recordedChoice).nullable().catch(null)
const requestRow = summaryRow.extend({
  choices: z
    .string()
    .transform(text => choices.parse(JSON.parse(text)))
    .nullable(),
})

const sums = z.object({
  requests: z.number(),
  failed: z.number(),
  tokens: z.number(),
  latencyMs: z.number(),
})
const sampleRow = sums.extend({ atMs: z.number() })
const totalsRow = sums.extend({ busySpans: z.number() })
const sumColumns =
  'total(requests) AS requests, total(failed) AS failed, total(tokens) AS tokens, total(latencyMs) AS latencyMs'

/** `file`: a path, or `:memory:`. */
export function openHistoryDatabase(file: string): HistoryDatabase {
  // Whoever holds a lock on the file must not hold up the event loop: a write is tried again later.
  const database = new DatabaseSync(file, { timeout: 0 })
  try {
    // `synchronous = OFF`: no stream waits for a disk. A power cut may cost the history of a day, which is made anew.
    database.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF; ${tables}`)
    addMissingColumn(database)
  } catch (error) {
    database.close()
    throw error
  }
  const columns = Object.keys(requestRow.shape)
  const named = columns.map(column => `:${column}`)
  const insertRequest = database.prepare(`INSERT INTO requests (${columns}) VALUES (${named})`)
  const insertSample = database.prepare(
    `INSERT INTO samples VALUES (:atMs, :requests, :failed, :tokens, :latencyMs)
     ON CONFLICT (atMs) DO UPDATE SET requests = requests + :requests, failed = failed + :failed,
       tokens = tokens + :tokens, latencyMs = latencyMs + :latencyMs`,
  )
  const listed = Object.keys(summaryRow.shape)
  const latest = database.prepare(`SELECT ${listed} FROM requests ORDER BY id DESC LIMIT :limit`)
  const latestOf = database.prepare(
    `SELECT ${listed} FROM requests WHERE status = :status ORDER BY id DESC LIMIT :limit`,
  )
  const byId = database.prepare(
    'SELECT * FROM requests WHERE requestId = :requestId ORDER BY id DESC LIMIT 1',
  )
  const samples = database.prepare(
    `SELECT :fromMs + :stepMs * floor((atMs - :fromMs) / :stepMs) AS atMs, ${sumColumns}
     FROM samples WHERE atMs >= :fromMs GROUP BY 1`,
  )
  const totals = database.prepare(
    `SELECT ${sumColumns}, total(tokens > 0) AS busySpans FROM samples WHERE atMs >= :fromMs`,
  )
  const dropOldRequests = database.prepare('DELETE FROM requests WHERE startedAtMs < :olderThanMs')
  const dropManyRequests = database.prepare(
    'DELETE FROM requests WHERE id <= (SELECT max(id) FROM requests) - :keep',
  )
  const dropOldSamples = database.prepare('DELETE FROM samples WHERE atMs < :olderThanMs')

  return {
    write(requests, samples) {
      database.exec('BEGIN')
      try {
        for (const request of requests) {
          const choices = request.choices === null ? null : JSON.stringify(request.choices)
          insertRequest.run({ ...request, choices })
        }
        for (const sample of samples) insertSample.run({ ...sample })
        database.exec('COMMIT')
      } catch (error) {
        if (database.isTransaction) database.exec('ROLLBACK')
        throw error
      }
    },
    requests(limit, status) {
      const rows = status === null ? latest.all({ limit }) : latestOf.all({ status, limit })
      return z.array(summaryRow).parse(rows)
    },
    request(requestId) {
      const row = byId.get({ requestId })
      return row === undefined ? null : requestRow.parse(row)
    },
    samples: (fromMs, stepMs) => z.array(sampleRow).parse(samples.all({ fromMs, stepMs })),
    totals: fromMs => totalsRow.parse(totals.get({ fromMs })),
    prune(olderThanMs, keepRequests) {
      dropOldRequests.run({ olderThanMs })
      dropManyRequests.run({ keep: keepRequests })
      dropOldSamples.run({ olderThanMs })
    },
    close: () => database.close(),
  }
}

/** Releases before the mesh did not keep why a Mac was chosen. */
function addMissingColumn(database: DatabaseSync): void {
  const columns = database.prepare("SELECT name FROM pragma_table_info('requests')").all()
  if (!columns.some(({ name }) => name === 'choices'))
    database.exec('ALTER TABLE requests ADD COLUMN choices TEXT')
}
