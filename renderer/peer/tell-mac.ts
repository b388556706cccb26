import { z } from 'zod'
import { sharing } from '../../main/protocol/workers.ts'
import { ask } from './client.ts'

const begun = z.looseObject({ status: z.string() })

/** What a Mac is told, and what it answers to that. */
const answers = {
  sharing: z.object({ sharing }),
  'load-model': begun,
  'unload-model': begun,
  'pin-model': z.unknown(),
  'remove-model': z.unknown(),
} as const

export type MacOrder = keyof typeof answers

/** Resolves when the Mac has taken the order; what comes of it is told by events. Rejects with PeerError. */
export async function tellMac(workerId: string, order: MacOrder, body: object): Promise<void> {
  const path = `/api/cluster/workers/${encodeURIComponent(workerId)}/${order}`
  await ask<unknown>(path, answers[order], { method: 'POST', body })
}
