import { once } from 'node:events'
import { onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { type DashboardEvent, dashboardEvent } from '../../../main/protocol/dashboard.ts'

type Type = DashboardEvent['type']
type EventOf<T extends Type> = Extract<DashboardEvent, { type: T }>

export interface Listener {
  readonly socket: WebSocket
  /** Everything heard so far; each fits the contract, or it would not be here. */
  readonly events: DashboardEvent[]
  /** The first event of that type, from now or before, for which this is true. */
  until<T extends Type>(type: T, isWanted?: (event: EventOf<T>) => boolean): Promise<EventOf<T>>
  types(): Type[]
}

interface Options {
  readonly headers?: Record<string, string>
  readonly protocols?: string[]
}

/** A dashboard that has heard its first snapshot. Rejects when it is refused. */
export async function listen(port: number, options: Options = {}): Promise<Listener> {
  const { headers = {}, protocols = [] } = options
  const socket = new WebSocket(`ws://127.0.0.1:${port}/ws/dashboard`, protocols, { headers })
  onTestFinished(() => socket.terminate())
  const events: DashboardEvent[] = []
  const waiting = new Set<() => void>()
  socket.on('message', data => {
    events.push(dashboardEvent.parse(JSON.parse(String(data))))
    for (const look of waiting) look()
  })
  const listener: Listener = {
    socket,
    events,
    types: () => events.map(({ type }) => type),
    until: <T extends Type>(type: T, isWanted: (event: EventOf<T>) => boolean = () => true) =>
      new Promise<EventOf<T>>(resolve => {
        const isOfType = (event: DashboardEvent): event is EventOf<T> => event.type === type
        const look = () => {
          const found = events.filter(isOfType).find(isWanted)
          if (!found) return
          waiting.delete(look)
          resolve(found)
        }
        waiting.add(look)
        look()
      }),
  }
  await once(socket, 'open')
  await listener.until('snapshot')
  return listener
}

/** The status with which a dashboard is refused. */
export async function refusalOf(port: number, headers: Record<string, string> = {}, path = '/ws/dashboard') {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, { headers })
  socket.on('error', () => {})
  const [, response] = await once(socket, 'unexpected-response')
  socket.terminate()
  return response.statusCode
}
