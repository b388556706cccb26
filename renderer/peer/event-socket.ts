// The WebSocket to the peer: connects again for ever, and hands events over with a frame, however many come.
import { type DashboardEvent, dashboardEvent, overview } from '../../main/protocol/dashboard.ts'
import { appTokenProtocol, keyProtocol } from '../../main/protocol/page.ts'
import { atNextFrame } from '../ui/next-frame.ts'
import { peerAddress, peerOrigin } from './address.ts'
import { apiKey, isKeyWanted } from './api-key.ts'
import { ask } from './client.ts'

export interface EventSocketOptions {
  readonly onEvents: (events: readonly DashboardEvent[]) => void
  readonly onConnected: (connected: boolean) => void
}

const firstRetryMs = 250
const longestRetryMs = 3000
/** What comes faster is drawn together: the frames between are left to what moves. */
const apartMs = 50
/** A Mac that fell asleep, or whose cable was pulled, says nothing, not even that the connection has ended. */
const silentMs = 8000
const answerMs = 4000
const keyRevoked = 1008

/** Returns how to end it. */
export function openEventSocket({ onEvents, onConnected }: EventSocketOptions): () => void {
  let socket: WebSocket | null = null
  let retryMs = firstRetryMs
  let retryTimer = 0
  let closed = false
  let waiting: DashboardEvent[] = []
  let handedOverAtMs = Number.NEGATIVE_INFINITY
  let hasSpoken = true
  const watch = window.setInterval(lookAfterSilence, silentMs)
  connect()

  return () => {
    closed = true
    window.clearInterval(watch)
    window.clearTimeout(retryTimer)
    socket?.close()
  }

  function connect(): void {
    if (isKeyWanted()) {
      retryTimer = window.setTimeout(connect, firstRetryMs)
      return
    }
    const url = `${peerOrigin().replace(/^http/, 'ws')}/ws/dashboard`
    const opened = new WebSocket(url, credentials())
    let hasOpened = false
    socket = opened
    opened.onopen = () => {
      hasOpened = true
    }
    opened.onmessage = ({ data }) => receive(data)
    opened.onclose = ({ code }) => {
      // Why it was refused is told over HTTP only.
      if (!hasOpened || code === keyRevoked)
        ask('/api/dashboard/overview', overview, { timeoutMs: answerMs }).catch(() => {})
      lose(opened)
    }
  }

  function lose(lost: WebSocket): void {
    if (closed || socket !== lost) return
    socket = null
    onConnected(false)
    retryTimer = window.setTimeout(connect, retryMs)
    retryMs = Math.min(2 * retryMs, longestRetryMs)
  }

  /** Silence alone says little: news may be set to come seldom. */
  function lookAfterSilence(): void {
    const silent = hasSpoken ? null : socket
    hasSpoken = false
    if (silent?.readyState !== WebSocket.OPEN) return
    ask('/api/dashboard/overview', overview, { timeoutMs: answerMs }).catch(() => {
      silent.onmessage = null
      silent.close()
      lose(silent)
    })
  }

  function receive(data: unknown): void {
    hasSpoken = true
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

function credentials(): string[] {
  const { token } = peerAddress()
  const key = apiKey()
  if (token) return [`${appTokenProtocol}${token}`]
  return key === null ? [] : [`${keyProtocol}${key}`]
}

function parse(data: unknown): DashboardEvent | null {
  const parsed = dashboardEvent.safeParse(JSON.parse(String(data)))
  if (parsed.success) return parsed.data
  console.warn('an event of the peer was not understood', parsed.error.issues[0])
  return null
}
