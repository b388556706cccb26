// The Bus without any server: handles joined to one exchange in this process. Messages arrive one turn of the event
// loop later and in order, as they would from a socket. For tests, and for many peers in one process.
import { type Clock, realClock } from '../protocol/clock.ts'
import { MeshError } from '../protocol/errors.ts'
import { type Log, silentLog } from '../telemetry/log.ts'
import { type Bus, type BusMessage, refuseOversized, runEach } from './bus.ts'
import { holdMessages } from './held-messages.ts'
import { busClosed, createRequests } from './requests.ts'

export interface MemoryExchange {
  join(): MemoryBus
}

export interface MemoryBus extends Bus {
  /** Breaks the connection, as the death of a server would. */
  interrupt(): void
  /** Mends it. */
  reconnect(): void
}

interface Subscription {
  readonly bus: Bus
  readonly pattern: string
  readonly onMessage: (message: BusMessage) => void
}

const nothing = new Uint8Array(0)

export function createMemoryExchange(options: { log?: Log; clock?: Clock } = {}): MemoryExchange {
  const { log = silentLog, clock = realClock } = options
  const subscriptions = new Set<Subscription>()
  let posted: (() => void)[] = []

  return { join: () => joinExchange({ subscriptions, send, post, clock, log }) }

  function send(from: Bus, subject: string, data: Uint8Array, reply: string | undefined): void {
    const listeners = listenersOn(subject)
    const copy = new Uint8Array(data)
    for (const to of listeners) post(() => deliver(to, subject, copy, reply))
    if (listeners.length > 0 || reply === undefined) return
    for (const to of listenersOn(reply))
      if (to.bus === from) post(() => deliver(to, reply, nothing, undefined, true))
  }

  function listenersOn(subject: string): Subscription[] {
    return [...subscriptions].filter(each => each.bus.connected && matches(each.pattern, subject))
  }

  /** Runs in a later turn, after everything posted before. */
  function post(run: () => void): void {
    if (posted.push(run) > 1) return
    setImmediate(() => {
      const due = posted
      posted = []
      for (const each of due) each()
    })
  }

  function deliver(
    to: Subscription,
    subject: string,
    data: Uint8Array,
    reply: string | undefined,
    noResponders = false,
  ): void {
    if (!subscriptions.has(to) || !to.bus.connected) return
    const respond = (answer: Uint8Array) => {
      if (reply !== undefined) to.bus.publish(reply, answer)
    }
    try {
      to.onMessage({ subject, data, noResponders, wantsAnswer: reply !== undefined, respond })
    } catch (error) {
      log.error('a subscriber failed on a message', { subject, error })
    }
  }
}

interface Exchange {
  readonly subscriptions: Set<Subscription>
  readonly send: (from: Bus, subject: string, data: Uint8Array, reply: string | undefined) => void
  readonly post: (run: () => void) => void
  readonly clock: Clock
  readonly log: Log
}

function joinExchange({ subscriptions, send, post, clock, log }: Exchange): MemoryBus {
  let state: 'connected' | 'interrupted' | 'closed' = 'connected'
  const held = holdMessages(clock)
  const reconnectCallbacks = new Set<() => void>()

  const bus: MemoryBus = {
    publish(subject, data, reply) {
      if (state === 'closed') throw busClosed()
      refuseOversized(subject, data)
      if (state === 'connected') send(bus, subject, data, reply)
      else held.hold(subject, data, reply)
    },
    subscribe(pattern, onMessage) {
      if (state === 'closed') throw busClosed()
      const subscription = { bus, pattern, onMessage }
      subscriptions.add(subscription)
      return () => subscriptions.delete(subscription)
    },
    request: (subject, data, timeoutMs) => requests.request(subject, data, timeoutMs),
    get connected() {
      return state === 'connected'
    },
    onReconnect(run) {
      reconnectCallbacks.add(run)
      return () => reconnectCallbacks.delete(run)
    },
    async flush() {
      if (state === 'closed') throw busClosed()
      if (state === 'interrupted') throw new MeshError('WORKER_LOST', 'The message bus is interrupted.')
      await new Promise<void>(resolve => post(resolve))
    },
    async close() {
      if (state === 'connected') await bus.flush(0)
      state = 'closed'
      requests.rejectAll()
      for (const each of subscriptions) if (each.bus === bus) subscriptions.delete(each)
    },
    interrupt() {
      if (state === 'connected') state = 'interrupted'
    },
    reconnect() {
      if (state !== 'interrupted') return
      state = 'connected'
      held.release((subject, data, reply) => send(bus, subject, data, reply))
      runEach(reconnectCallbacks, log)
    },
  }
  const requests = createRequests(bus, clock)
  return bus
}

function matches(pattern: string, subject: string): boolean {
  if (pattern === subject) return true
  const given = subject.split('.')
  const wanted = pattern.split('.')
  for (const [at, token] of wanted.entries()) {
    if (token === '>') return given.length > at
    if (token !== '*' && token !== given[at]) return false
  }
  return wanted.length === given.length
}
