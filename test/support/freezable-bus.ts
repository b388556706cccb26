import type { Bus } from '../../main/fabric/bus.ts'

export interface FreezableBus extends Bus {
  /** Nothing comes in any more and, after so many messages, nothing goes out, and nobody is told: a cable pulled. */
  freeze(afterMessages?: number): void
}

export function freezable(bus: Bus): FreezableBus {
  let frozen = false
  let left = 0
  return {
    publish: (subject, data, reply) => {
      if (!frozen || left-- > 0) bus.publish(subject, data, reply)
    },
    subscribe: (subject, onMessage) =>
      bus.subscribe(subject, message => {
        if (!frozen || left > 0) onMessage(message)
      }),
    request: (subject, data, timeoutMs) => bus.request(subject, data, timeoutMs),
    get connected() {
      return bus.connected
    },
    onReconnect: run => bus.onReconnect(run),
    flush: timeoutMs => bus.flush(timeoutMs),
    close: () => bus.close(),
    freeze: (afterMessages = 0) => {
      frozen = true
      left = afterMessages
    },
  }
}
