// The end of an answer that its client does not read: the connection is given up after a while, and with it the bytes.
import type { ServerResponse } from 'node:http'
import type { Clock } from '../protocol/clock.ts'

export type WatchEnd = (res: ServerResponse) => void

/** To be called behind `res.end()`; costs nothing when the kernel has taken everything already. */
export function createEndWatch(clock: Clock, patienceMs: number): WatchEnd {
  return res => {
    if (res.writableLength === 0) return
    res.once(
      'close',
      clock.after(patienceMs, () => res.destroy()),
    )
  }
}
