// Who changed what on this Mac: one line of JSON for each order. Never a prompt, a key or the value of a setting.
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import type { Log } from '../telemetry/log.ts'
import { openRotatedFile } from '../telemetry/rotated-file.ts'

const auditEntry = z.object({
  timestamp: z.number(),
  who: z.object({
    kind: z.enum(['owner', 'key', 'jwt', 'anonymous']),
    name: z.string().nullable(),
    keyId: z.string().nullable(),
    address: z.string(),
  }),
  /** `POST /api/cluster/workers/{workerId}/load-model` */
  action: z.string(),
  /** The Mac, model, key or settings that it was about. */
  about: z.string().nullable(),
  outcome: z.enum(['done', 'refused', 'failed']),
  status: z.number(),
  requestId: z.string(),
})
type AuditEntry = z.infer<typeof auditEntry>

export interface Audit {
  write(entry: AuditEntry): void
  /** The latest first; `maxListed` of them at most. */
  read(limit: number): AuditEntry[]
  close(): Promise<void>
}

const maxBytes = 5 * 2 ** 20
const keep = 4
export const maxListed = 1000

export function openAudit(path: string, log: Log): Audit {
  const file = openRotatedFile({
    path,
    maxBytes,
    keep,
    onTrouble: error =>
      log.error('the audit log cannot be written; it is tried again', { error: error.message }),
  })
  /** Lines of this run: the disk may not have the latest ones yet. */
  let own: string[] = []
  return {
    write(entry) {
      const line = JSON.stringify(entry)
      own = [...own.slice(1 - maxListed), line]
      file.write(`${line}\n`)
    },
    read(limit) {
      const lines = own.slice(-limit).reverse()
      const seen = new Set(own)
      for (let age = 0; age <= keep && lines.length < limit; age++) {
        const earlier = linesOf(age === 0 ? path : `${path}.${age}`).filter(line => !seen.has(line))
        lines.push(...earlier.reverse().slice(0, limit - lines.length))
      }
      return lines.flatMap(parse)
    },
    close: () => file.close(),
  }
}

function linesOf(path: string): string[] {
  try {
    return readFileSync(path, 'utf8')
      .split('\n')
      .filter(line => line !== '')
  } catch {
    return [] // there are not as many yet
  }
}

function parse(line: string): AuditEntry[] {
  try {
    const entry = auditEntry.safeParse(JSON.parse(line))
    return entry.success ? [entry.data] : []
  } catch {
    return [] // half a line, of a crash
  }
}
