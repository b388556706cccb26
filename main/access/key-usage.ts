// What each key was used for, by day: `api-key-usage.json` of the data folder. Written once a minute at most, so the last
// minute is lost with a crash; what it says is for its owner to read, and limits nobody.
import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { writeFileAtomically } from '../config/write-file.ts'
import type { Clock } from '../protocol/clock.ts'
import type { Log } from '../telemetry/log.ts'

const dayOfUse = z.object({
  /** `2026-01-31`, in UTC. */
  day: z.string(),
  requests: z.number(),
  promptTokens: z.number(),
  completionTokens: z.number(),
})
const use = z.object({
  /** Rounded down to the hour: when exactly somebody worked is nobody's business. */
  lastUsedAtMs: z.number(),
  /** The oldest first. */
  days: z.array(dayOfUse),
})
const usageFile = z.object({ keys: z.record(z.string(), use) })

export type KeyUse = z.infer<typeof use>
type DayOfUse = z.infer<typeof dayOfUse>

export interface KeyUsage {
  of(keyId: string): KeyUse | null
  requested(keyId: string): void
  generated(keyId: string, promptTokens: number, completionTokens: number): void
  forget(keyId: string): void
  close(): void
}

const keptDays = 92
const hourMs = 3_600_000
const writeEveryMs = 60_000

export function openKeyUsage(file: string, clock: Clock, log: Log): KeyUsage {
  const uses = new Map<string, KeyUse>(Object.entries(readUses(file)))
  let isChanged = false
  const stop = clock.every(writeEveryMs, write)

  return {
    of: keyId => uses.get(keyId) ?? null,
    requested: keyId => {
      today(keyId).requests++
    },
    generated(keyId, promptTokens, completionTokens) {
      if (!uses.has(keyId)) return // it was revoked while the answer ran
      const day = today(keyId)
      day.promptTokens += promptTokens
      day.completionTokens += completionTokens
    },
    forget(keyId) {
      isChanged = uses.delete(keyId) || isChanged
    },
    close() {
      stop()
      write()
    },
  }

  function today(keyId: string): DayOfUse {
    const nowMs = clock.now()
    isChanged = true
    const known = uses.get(keyId) ?? { lastUsedAtMs: 0, days: [] }
    uses.set(keyId, known)
    known.lastUsedAtMs = nowMs - (nowMs % hourMs)
    const name = new Date(nowMs).toISOString().slice(0, 10)
    const last = known.days.at(-1)
    if (last?.day === name) return last
    const fresh = { day: name, requests: 0, promptTokens: 0, completionTokens: 0 }
    known.days = [...known.days, fresh].slice(-keptDays)
    return fresh
  }

  function write(): void {
    if (!isChanged) return
    try {
      writeFileAtomically(file, `${JSON.stringify({ keys: Object.fromEntries(uses) })}\n`)
      isChanged = false
    } catch (error) {
      log.warn('the use of API keys could not be written; it is tried again', { error: String(error) })
    }
  }
}

/** What cannot be read is counted anew. */
function readUses(file: string): Record<string, KeyUse> {
  try {
    return usageFile.parse(JSON.parse(readFileSync(file, 'utf8'))).keys
  } catch {
    return {}
  }
}
