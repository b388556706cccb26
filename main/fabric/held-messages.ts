// Messages published while the connection is interrupted. A nats-server that died is back within a fraction of a
// second, and losing a request for that would cost its sender a timeout; after a long outage nobody wants them any more.
import type { Clock } from '../protocol/clock.ts'

const longestHoldMs = 5_000
const mostHeldBytes = 4 * 1024 * 1024

export interface HeldMessages {
  /** Keeps a copy; a message that finds no room is lost. */
  hold(subject: string, data: Uint8Array, reply: string | undefined): void
  /** Hands over what is young enough, in order, and forgets all. */
  release(publish: (subject: string, data: Uint8Array, reply: string | undefined) => void): void
}

export function holdMessages(clock: Clock): HeldMessages {
  let held: { subject: string; data: Uint8Array; reply: string | undefined; atMs: number }[] = []
  let heldBytes = 0

  return {
    hold(subject, data, reply) {
      const sizeBytes = data.length + subject.length
      if (heldBytes + sizeBytes > mostHeldBytes) return
      heldBytes += sizeBytes
      held.push({ subject, data: new Uint8Array(data), reply, atMs: clock.now() })
    },
    release(publish) {
      const released = held
      held = []
      heldBytes = 0
      const oldestMs = clock.now() - longestHoldMs
      for (const { subject, data, reply, atMs } of released) {
        if (atMs >= oldestMs) publish(subject, data, reply)
      }
    },
  }
}
