// Keeps what the owner said about sharing, so that a pause outlives a restart.
import { existsSync, readFileSync } from 'node:fs'
import { z } from 'zod'
import { writeFileAtomically } from '../config/write-file.ts'
import { faultOf } from '../protocol/json.ts'
import type { SharingOrder } from '../protocol/workers.ts'
import type { Log } from '../telemetry/log.ts'
import type { OwnerWish } from './sharing-policy.ts'

const keptWish = z.object({
  shared: z.boolean().nullable(),
  pause: z.object({ untilMs: z.number().nullable() }).nullable(),
})

const nothingSaid: OwnerWish = { shared: null, pause: null }

/** A file that cannot be read counts as nothing said. */
export function readWish(file: string, log: Log): OwnerWish {
  if (!existsSync(file)) return nothingSaid
  try {
    return keptWish.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch (thrown) {
    log.warn('what the owner said about sharing could not be read', { file, fault: faultOf(thrown) })
    return nothingSaid
  }
}

/** On a full disk the wish holds until the next restart. */
export function keepWish(file: string, wish: OwnerWish, log: Log): void {
  try {
    writeFileAtomically(file, `${JSON.stringify(wish)}\n`)
  } catch (error) {
    log.warn('what the owner said about sharing could not be kept', { file, error })
  }
}

/** A pause leaves the switch as it is: when it is over, all is as before. */
export function wishAfter(order: SharingOrder, before: OwnerWish, nowMs: number): OwnerWish {
  if (order.state !== 'paused') return { shared: order.state === 'on', pause: null }
  const { minutes } = order
  return { ...before, pause: { untilMs: minutes === undefined ? null : nowMs + minutes * 60_000 } }
}
