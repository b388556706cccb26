// The SQL of the history: requests one by one, and sums of spans of 10 s. Everything here may throw: a disk is below it.
import { DatabaseSync, type StatementSync } from 'node:sqlite'
import { z } from 'zod'
import { recordedChoice } from '../protocol/choices.ts'
import {
  type RequestQuery,
  type RequestRecord,
  type RequestSummary,
  requestStatuses,
} from './request-record.ts'
import type { Sample } from './timeseries.ts'

export interface HistoryDatabase {
  /** In one transaction. */
  write(requests: readonly RequestRecord[], samples: readonly Sample[], latencies: Latencies | null): void
  /** The latest first. */
  requests(query: RequestQuery): RequestSummary[]
  /** The latest of that id. */
  request(requestId: string): RequestRecord | null
  /** Sums over steps of `stepMs`, counted from `fromMs`. */
  samples(fromMs: number, stepMs: number): Sample[]
  totals(fromMs: number): Totals
  /** Completed requests by bucket of latency (`latency-counts.ts`). */
  latencies(fromMs: number): number[]
  prune(olderThanMs: number, keepRequests: number): void
  close(): void
}

/** Completed requests by bucket, to be added to those of the same ten minutes. */
interface Latencies {
  readonly atMs: number
  readonly counts: ArrayLike<number>
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
    startedAtMs REAL NOT NULL, latencyMs REAL NOT NULL, firstTokenMs REAL, queuedMs REAL,
    promptTokens INTEGER NOT NULL, tokensGenerated INTEGER NOT NULL, cachedTokens INTEGER NOT NULL, errorCode TEXT,
    choices TEXT
  ) STRICT;
  DROP INDEX IF EXISTS requests_by_status;
  CREATE INDEX IF NOT EXISTS requests_by_time ON requests (startedAtMs, id);
  CREATE INDEX IF NOT EXISTS requests_by_status_and_time ON requests (status, startedAtMs, id);
  CREATE INDEX IF NOT EXISTS requests_by_request_id ON requests (requestId);
  CREATE TABLE IF NOT EXISTS samples (
    atMs REAL PRIMARY KEY, requests INTEGER NOT NULL, failed INTEGER NOT NULL, tokens INTEGER NOT NULL,
    latencyMs REAL NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS latencies (
    atMs REAL NOT NULL, bucket INTEGER NOT NULL, requests INTEGER NOT NULL, PRIMARY KEY (atMs, bucket)
  ) STRICT, WITHOUT ROWID;
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
  queuedMs: z.number().nullable(),
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

const lastRow = z.object({ id: z.number().nullable() })

const sums = z.object({
  requests: z.number(),
  failed: z.number(),
  tokens: z.number(),
  latencyMs: z.number(),
})
const sampleRow = sums.extend({ atMs: z.number() })
const latencyRow = z.object({ bucket: z.int(), requests: z.number() })
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
    addMissingColumns(database)
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
  const lists = new Map<string, StatementSync>()
  const insertLatency = database.prepare(
    `INSERT INTO latencies VALUES (:atMs, :bucket, :requests)
     ON CONFLICT (atMs, bucket) DO UPDATE SET requests = requests + :requests`,
  )
  const latencies = database.prepare(
    'SELECT bucket, total(requests) AS requests FROM latencies WHERE atMs >= :fromMs GROUP BY bucket',
  )
  const byId = database.prepare(
    'SELECT * FROM requests WHERE requestId = :requestId ORDER BY id DESC LIMIT 1',
  )
  const rowOfId = database.prepare('SELECT max(id) AS id FROM requests WHERE requestId = :requestId')
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
  const dropOldLatencies = database.prepare('DELETE FROM latencies WHERE atMs < :olderThanMs')

  return {
    write(requests, samples, latencies) {
      database.exec('BEGIN')
      try {
        for (const request of requests) {
          const choices = request.choices === null ? null : JSON.stringify(request.choices)
          insertRequest.run({ ...request, choices })
        }
        for (const sample of samples) insertSample.run({ ...sample })
        if (latencies) insertLatencies(latencies)
        database.exec('COMMIT')
      } catch (error) {
        if (database.isTransaction) database.exec('ROLLBACK')
        throw error
      }
    },
    requests(query) {
      const { limit, afterId, ...wanted } = query
      const given = Object.entries(wanted).filter(([, value]) => value !== null)
      const parameters = Object.fromEntries(given)
      const beforeRow =
        query.beforeMs === null ? {} : { beforeRow: afterId === null ? 0 : lastRowOf(afterId) }
      const list = listOf(Object.keys(parameters))
      return z.array(summaryRow).parse(list.all({ ...parameters, ...beforeRow, limit }))
    },
    request(requestId) {
      const row = byId.get({ requestId })
      return row === undefined ? null : requestRow.parse(row)
    },
    samples: (fromMs, stepMs) => z.array(sampleRow).parse(samples.all({ fromMs, stepMs })),
    latencies(fromMs) {
      const counts: number[] = []
      for (const { bucket, requests } of z.array(latencyRow).parse(latencies.all({ fromMs })))
        counts[bucket] = requests
      return counts
    },
    totals: fromMs => totalsRow.parse(totals.get({ fromMs })),
    prune(olderThanMs, keepRequests) {
      dropOldRequests.run({ olderThanMs })
      dropManyRequests.run({ keep: keepRequests })
      dropOldSamples.run({ olderThanMs })
      dropOldLatencies.run({ olderThanMs })
    },
    close: () => database.close(),
  }

  function insertLatencies({ atMs, counts }: Latencies): void {
    for (let bucket = 0; bucket < counts.length; bucket++) {
      const requests = counts[bucket] ?? 0
      if (requests > 0) insertLatency.run({ atMs, bucket, requests })
    }
  }

  /** 0, which is before them all, when it is kept no more. */
  function lastRowOf(requestId: string): number {
    return lastRow.parse(rowOfId.get({ requestId })).id ?? 0
  }

  /** A statement for each set of conditions, so that each finds its index. */
  function listOf(wanted: readonly (keyof typeof conditions)[]): StatementSync {
    const where = wanted.map(name => conditions[name]).join(' AND ') || 'TRUE'
    const known = lists.get(where)
    if (known) return known
    const list = database.prepare(
      `SELECT ${listed} FROM requests WHERE ${where} ORDER BY startedAtMs DESC, id DESC LIMIT :limit`,
    )
    lists.set(where, list)
    return list
  }
}

const conditions: Readonly<Record<string, string>> = {
  status: 'status = :status',
  modelId: 'modelId = :modelId',
  // Several Macs stand with a comma and a space between them.
  workerId: "instr(', ' || workerId || ',', ' ' || :workerId || ',') > 0",
  beforeMs: '(startedAtMs, id) < (:beforeMs, :beforeRow)',
  // `instr` and not LIKE: what is looked for has no wildcards.
  text: `(instr(lower(requestId), lower(:text)) > 0 OR instr(lower(modelId), lower(:text)) > 0
    OR instr(lower(errorCode), lower(:text)) > 0)`,
}

/** Of files of earlier releases, which did not keep why a Mac was chosen, or how long a request had waited. */
function addMissingColumns(database: DatabaseSync): void {
  const columns = database.prepare("SELECT name FROM pragma_table_info('requests')").all()
  for (const [column, type] of [
    ['choices', 'TEXT'],
    ['queuedMs', 'REAL'],
  ]) {
    if (!columns.some(({ name }) => name === column))
      database.exec(`ALTER TABLE requests ADD COLUMN ${column} ${type}`)
  }
}
