// `WS /ws/dashboard`: who may listen. The same guard as for HTTP decides, and a refusal is an ordinary HTTP answer.
import { type IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { WebSocket, WebSocketServer } from 'ws'
import type { Caller } from '../access/caller.ts'
import type { KeyRing } from '../access/key-ring.ts'
import type { Clock } from '../protocol/clock.ts'
import { MeshError } from '../protocol/errors.ts'
import type { DashboardClients } from './dashboard-clients.ts'
import type { Entrance } from './entrance.ts'
import { HttpError } from './errors.ts'
import { Exchange } from './exchange.ts'
import type { Guard } from './guard.ts'
import type { WatchEnd } from './unread-answer.ts'

export interface DashboardSocketOptions {
  readonly guard: Guard
  readonly entrance: Entrance
  readonly clients: DashboardClients
  readonly keys: Pick<KeyRing, 'onRevoke'> | null
  readonly clock: Clock
  readonly watchEnd: WatchEnd
  readonly isDraining: () => boolean
  /** Answers a request that failed. */
  readonly fail: (exchange: Exchange, thrown: unknown) => void
}

const path = '/ws/dashboard'
const maxClients = 64
/** What a dashboard says is not listened to. */
const maxMessageBytes = 1024
/** A timer for each moment would not do: they may be years away. */
const lookEveryMs = 10_000
/** Of RFC 6455. */
const policyViolation = 1008

export function isWebSocket({ headers }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase() === 'websocket'
}

/** Takes the connections of a door's `upgrade` event. */
export function createDashboardSocket(options: DashboardSocketOptions) {
  const { guard, entrance, clients, keys, clock, watchEnd, isDraining, fail } = options
  let loading: Promise<WebSocketServer> | null = null

  return async (req: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> => {
    socket.on('error', () => socket.destroy())
    if (!(socket instanceof Socket)) {
      socket.destroy()
      return
    }
    loading ??= openSockets()
    const sockets = await loading
    const res = new ServerResponse(req)
    res.shouldKeepAlive = false
    res.assignSocket(socket)
    res.once('finish', () => socket.end())
    const exchange = new Exchange(req, res, watchEnd)
    try {
      await admit(exchange)
    } catch (thrown) {
      fail(exchange, thrown)
      return
    }
    res.detachSocket(socket)
    sockets.handleUpgrade(req, socket, head, accepted => {
      clients.add(accepted)
      endWithKey(accepted, exchange.caller)
    })
  }

  /** Who looks on with a key or a token looks no longer than it is one. */
  function endWithKey(accepted: WebSocket, { keyId, expiresAtMs }: Caller): void {
    if (keyId !== null && keys) {
      const forget = keys.onRevoke(revoked => {
        if (revoked === keyId) accepted.close(policyViolation, 'The API key was revoked.')
      })
      accepted.once('close', forget)
    }
    if (expiresAtMs === null) return
    const stop = clock.every(lookEveryMs, () => {
      if (clock.now() >= expiresAtMs) accepted.close(policyViolation, 'The API key or token has expired.')
    })
    accepted.once('close', stop)
  }

  /** The library is loaded for the first dashboard: a start does without it. */
  async function openSockets(): Promise<WebSocketServer> {
    const { WebSocketServer } = await import('ws')
    return new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      maxPayload: maxMessageBytes,
      // The one that shows the token of the app's page, which the guard has checked; a client that offers any wants one.
      handleProtocols: (offered, req) => guard.admitUpgrade(req) ?? [...offered][0] ?? false,
    })
  }

  /** Rejects with HttpError or MeshError. */
  async function admit(exchange: Exchange): Promise<void> {
    entrance.turnAway(exchange.req)
    guard.admitUpgrade(exchange.req)
    await entrance.admit(exchange, 'read')
    if (exchange.path !== path)
      throw new HttpError(404, 'unknown_url', `There is no WebSocket at ${exchange.path}, only at ${path}.`)
    if (isDraining()) throw new MeshError('SHUTTING_DOWN', 'This Mac is stopping.')
    if (clients.count >= maxClients) {
      const message = `${maxClients} dashboards are open on this Mac already; close one of them.`
      throw new MeshError('OVERLOADED', message, { retryAfterMs: 1000 })
    }
  }
}
