// The dashboards that listen, and what each has been told. It knows sockets and ready text, nothing of what the text says.
import type { WebSocket } from 'ws'
import type { Clock } from '../protocol/clock.ts'

export interface DashboardClients {
  readonly count: number
  /** Sends it a snapshot, then everything that is told. */
  add(socket: WebSocket): void
  tell(event: string): void
  /** Says goodbye, and cuts off after a moment who does not answer. */
  close(): void
}

export interface DashboardClientsOptions {
  /** The state of everything, now. */
  readonly snapshot: () => string
  readonly onFirst: () => void
  readonly onLast: () => void
  readonly clock: Clock
}

interface Client {
  readonly socket: WebSocket
  /** It has answered the last ping. */
  alive: boolean
  /** It did not take what it was sent: it is told nothing until it has, and then everything. */
  behind: boolean
}

const pingEachMs = 15_000
const lookAgainMs = 100
/** What may wait for a client before it is left behind, and what may be left when it is told again. */
const maxBufferedBytes = 1 << 20
const drainedBytes = 64 << 10
const farewellMs = 500
/** "Going away", of RFC 6455. */
const goingAway = 1001

export function createDashboardClients(options: DashboardClientsOptions): DashboardClients {
  const { snapshot, onFirst, onLast, clock } = options
  const clients = new Set<Client>()
  let stopTimers: (() => void)[] = []

  return {
    get count() {
      return clients.size
    },
    add,
    tell(event) {
      const data = Buffer.from(event)
      for (const client of clients) send(client, data)
    },
    close() {
      const leaving = [...clients]
      for (const { socket } of leaving) socket.close(goingAway, 'This Mac is stopping.')
      const cutOff = () => {
        for (const { socket } of leaving) socket.terminate()
      }
      if (leaving.length > 0) setTimeout(cutOff, farewellMs).unref()
    },
  }

  function add(socket: WebSocket): void {
    const client: Client = { socket, alive: true, behind: false }
    socket.on('pong', () => {
      client.alive = true
    })
    socket.on('error', () => {}) // 'close' follows
    socket.on('close', () => remove(client))
    if (clients.size === 0) begin()
    send(client, Buffer.from(snapshot()))
    clients.add(client)
  }

  function begin(): void {
    stopTimers = [clock.every(pingEachMs, dropTheDead), clock.every(lookAgainMs, catchUp)]
    onFirst()
  }

  function remove(client: Client): void {
    if (!clients.delete(client) || clients.size > 0) return
    for (const stop of stopTimers) stop()
    onLast()
  }

  function send(client: Client, data: Buffer): void {
    const { socket } = client
    if (client.behind || socket.readyState !== socket.OPEN) return
    if (socket.bufferedAmount > maxBufferedBytes) client.behind = true
    else socket.send(data, { binary: false })
  }

  function catchUp(): void {
    for (const client of clients) {
      if (!client.behind || client.socket.bufferedAmount > drainedBytes) continue
      client.behind = false
      send(client, Buffer.from(snapshot()))
    }
  }

  function dropTheDead(): void {
    for (const client of clients) {
      if (!client.alive) client.socket.terminate()
      else {
        client.alive = false
        client.socket.ping()
      }
    }
  }
}
