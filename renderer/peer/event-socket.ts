// The WebSocket to the peer: connects again for ever, and hands events over with a frame, however many come.
import { type DashboardEvent, dashboardEvent } from '../../main/protocol/dashboard.ts'
import { peerAddress, peerOrigin } from './address.ts'

export interface EventSocketOptions {
  readonly onEvents: (events: readonly DashboardEvent[]) => void
  readonly onConnected: (connected: boolean) => void
}

const firstRetryMs = 250
const longestRetryMs = 3000
/** What comes faster is drawn together: the frames between are left to what moves. */
const apartMs = 50
/** A page in the background draws no frames. */
const hiddenMs = 250

/** Returns how to end it. */
export function openEventSocket({ onEvents, onConnected }: EventSocketOptions): () => void {
  let socket: WebSocket | null = null
  let retryMs = firstRetryMs
  let retryTimer = 0
  let closed = false
  let waiting: DashboardEvent[] = []
  let handedOverAtMs = Number.NEGATIVE_INFINITY
  connect()

  return () => {
    closed = true
    window.clearTimeout(retryTimer)
    socket?.close()
  }

  function connect(): void {
    const { token } = peerAddress()
    const url = `${peerOrigin().replace(/^http/, 'ws')}/ws/dashboard`
    const opened = new WebSocket(url, token ? [`mlx-mesh.${token}`] : [])
    socket = opened
    opened.onmessage = ({ data }) => receive(data)
    opened.onclose = () => {
      if (closed) return
      onConnected(false)
      retryTimer = window.setTimeout(connect, retryMs)
      retryMs = Math.min(2 * retryMs, longestRetryMs)
    }
  }

  function receive(data: unknown): void {
    const event = parse(data)
    if (!event) return
    if (event.type === 'snapshot') {
      retryMs = firstRetryMs
      onConnected(true)
    }
    if (waiting.length === 0)
      window.setTimeout(atNextFrame, handedOverAtMs + apartMs - performance.now(), flush)
    waiting.push(event)
  }

  function flush(): void {
    const events = waiting
    waiting = []
    handedOverAtMs = performance.now()
    if (!closed) onEvents(events)
  }
}

function atNextFrame(run: () => void): void {
  if (document.hidden) window.setTimeout(run, hiddenMs)
  else requestAnimationFrame(run)
}

function parse(data: unknown): DashboardEvent | null {
  const parsed = dashboardEvent.safeParse(JSON.parse(String(data)))
  if (parsed.success) return parsed.data
  console.warn('an event of the peer was not understood', parsed.error.issues[0])
  return null
}
