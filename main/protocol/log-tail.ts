import { z } from 'zod'
import { workerLog } from './dashboard.ts'

/** `cluster.log.{id}`: how many lines of the end of its log that peer is asked for. */
export const logRequest = z.object({ limit: z.number().int().min(1).max(1000) })
export type LogRequest = z.infer<typeof logRequest>

export const logAnswer = z.discriminatedUnion('ok', [
  workerLog.extend({ ok: z.literal(true) }),
  z.object({ ok: z.literal(false), error: z.string() }),
])
export type LogAnswer = z.infer<typeof logAnswer>
