// The Bus over core NATS. Knows nothing about who runs the server: its address is asked for again at each attempt to
// reconnect. Measured: see DESIGN.md.
import { connect, type Msg, type NatsConnection } from '@nats-io/transport-node'
import { type Clock, realClock } from '../protocol/clock.ts'
import { MeshError } from '../protocol/errors.ts'
import type { Log } from '../telemetry/log.ts'
import { type Bus, type BusMessage, refuseOversized, runEach } from './bus.ts'
import { holdMessages } from './held-messages.ts'
import { connectionOptions, hostAndPort, type NatsAddress } from './nats-address.ts'
import { busClosed, createRequests } from './requests.ts'

export interface NatsBusOptions {
  /** Where the server is now. */
  readonly server: () => NatsAddress
  readonly log: Log
  readonly clock?: Clock
}

const connectTimeoutMs = 1_000
const drainTimeoutMs = 1_000
/** A server that stops answering is given up after 1 to 1.5 s. */
const pingIntervalMs = 500
const mostUnansweredPings = 2
/** An embedded server is back within a fraction of a second; one that stays away is asked for less often. */
const shortWaitMs = 50
const longWaitMs = 250
const patienceMs = 2_000

/** Rejects with MeshError('NO_WORKER') when the server cannot be reached; once connected, reconnects for ever. */
export async function openNatsBus({ server, log, clock = realClock }: NatsBusOptions): Promise<Bus> {
  let connected = true
  let interruptedAtMs = clock.now()
  let closing: Promise<void> | undefined
  const held = holdMessages(clock)
  const reconnectCallbacks = new Set<() => void>()
  const client = await connectForEver(server, () =>
    clock.now() - interruptedAtMs < patienceMs ? shortWaitMs : longWaitMs,
  )

  const bus: Bus = {
    publish(subject, data, reply) {
      if (client.isClosed()) throw busClosed()
      refuseOversized(subject, data)
      if (connected) send(subject, data, reply)
      else held.hold(subject, data, reply)
    },
    subscribe(subject, onMessage) {
      if (client.isClosed() || client.isDraining()) throw busClosed()
      const subscription = client.subscribe(subject, {
        callback: (_error, message) => deliver(onMessage, message),
      })
      return () => subscription.unsubscribe()
    },
    request: (subject, data, timeoutMs) => requests.request(subject, data, timeoutMs),
    get connected() {
      return connected
    },
    onReconnect(run) {
      reconnectCallbacks.add(run)
      return () => reconnectCallbacks.delete(run)
    },
    async flush(timeoutMs) {
      if (client.isClosed()) throw busClosed()
      if (!connected || !(await succeeds(client.flush(), timeoutMs, clock)))
        throw new MeshError('WORKER_LOST', `nats-server at ${hostAndPort(server())} does not answer.`)
    },
    close() {
      closing ??= close()
      return closing
    },
  }
  const requests = createRequests(bus, clock)
  void followStatus()
  return bus

  /**
   * The client gathers all messages of one synchronous stretch of code into one socket write, at the microtask after
   * it, without a timer. What it has gathered when the connection breaks it throws away.
   */
  function send(subject: string, data: Uint8Array, reply: string | undefined): void {
    try {
      client.publish(subject, data, reply === undefined ? undefined : { reply })
    } catch (error) {
      throw client.isClosed() || client.isDraining() ? busClosed() : error
    }
  }

  /** An error that escaped from here would end the client's reading loop, and with it every subscription. */
  function deliver(onMessage: (message: BusMessage) => void, message: Msg): void {
    try {
      onMessage(new NatsMessage(message, bus))
    } catch (error) {
      log.error('a subscriber failed on a message', { subject: message.subject, error })
    }
  }

  async function followStatus(): Promise<void> {
    for await (const status of client.status()) {
      if (status.type === 'disconnect') {
        connected = false
        interruptedAtMs = clock.now()
        log.warn('the connection to nats-server broke', { server: status.server })
      } else if (status.type === 'reconnect') {
        connected = true
        log.info('connected to nats-server again', { afterMs: clock.now() - interruptedAtMs })
        runEach([() => held.release(send), ...reconnectCallbacks], log)
      } else if (status.type === 'error') {
        log.warn('nats-server reported an error', { error: status.error.message })
      }
    }
    connected = false
  }

  async function close(): Promise<void> {
    if (connected) await succeeds(client.drain(), drainTimeoutMs, clock)
    await client.close()
    requests.rejectAll()
  }
}

/** A class, not an object with closures: one is made for each message. */
class NatsMessage implements BusMessage {
  readonly #message: Msg
  readonly #bus: Bus

  constructor(message: Msg, bus: Bus) {
    this.#message = message
    this.#bus = bus
  }

  get subject(): string {
    return this.#message.subject
  }

  get data(): Uint8Array {
    return this.#message.data
  }

  get noResponders(): boolean {
    return this.#message.data.length === 0 && this.#message.headers?.code === 503
  }

  get wantsAnswer(): boolean {
    return Boolean(this.#message.reply)
  }

  respond(data: Uint8Array): void {
    const { reply } = this.#message
    if (reply) this.#bus.publish(reply, data)
  }
}

async function connectForEver(server: () => NatsAddress, waitMs: () => number): Promise<NatsConnection> {
  let client: NatsConnection | undefined
  try {
    client = await connect({
      ...connectionOptions(server()),
      name: 'mlx-mesh',
      timeout: connectTimeoutMs,
      maxReconnectAttempts: -1,
      // A stranger on the server's port, while ours is down, must not end it.
      ignoreAuthErrorAbort: true,
      pingInterval: pingIntervalMs,
      maxPingOut: mostUnansweredPings,
      noAsyncTraces: true,
      // Called before each attempt, so it is also the moment to look where the server is now.
      reconnectDelayHandler: () => {
        client?.setServers([hostAndPort(server())])
        return waitMs()
      },
    })
    return client
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new MeshError('NO_WORKER', `nats-server at ${hostAndPort(server())} cannot be reached: ${why}.`, {
      cause,
    })
  }
}

/** False when the promise rejects or takes longer. */
async function succeeds(promise: Promise<void>, timeoutMs: number, clock: Clock): Promise<boolean> {
  let callOff = () => {}
  const timeout = new Promise<boolean>(resolve => {
    callOff = clock.after(timeoutMs, () => resolve(false))
  })
  try {
    return await Promise.race([promise.then(() => true), timeout])
  } catch {
    return false
  } finally {
    callOff()
  }
}
