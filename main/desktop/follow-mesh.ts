// Follows what the peer tells of the mesh, over `WS /ws/dashboard`; comes back by itself, with growing pauses.
import { WebSocket } from 'ws'
import type { Clock } from '../protocol/clock.ts'
import { dashboardEvent } from '../protocol/dashboard.ts'
import { type MeshState, meshStateAfter } from '../protocol/mesh-state.ts'
import { appTokenHeader } from '../protocol/page.ts'
import type { Log } from '../telemetry/log.ts'

export interface MeshFollower {
  /** Null: nobody has told anything, or not for now. */
  state(): MeshState | null
  /** The peer's address; null while there is none. */
  follow(url: string | null): void
  /** Connects anew at once; after a sleep a connection may only look alive. */
  refresh(): void
  close(): void
}

export interface FollowOptions {
  /** This Mac's, which the peer may want to see. */
  readonly token: () => string
  readonly onChange: () => void
  readonly clock: Clock
  readonly log: Log
}

const firstPauseMs = 250
const longestPauseMs = 5000
const openWithinMs = 5000
const mostMessageBytes = 16 << 20

export function followMesh({ token, onChange, clock, log }: FollowOptions): MeshFollower {
  let state: MeshState | null = null
  let url: string | null = null
  let socket: WebSocket | null = null
  let failures = 0
  let callOff = () => {}

  return {
    state: () => state,
    follow(next) {
      if (next === url) return
      url = next
      failures = 0
      begin()
    },
    refresh: begin,
    close() {
      url = null
      begin()
    },
  }

  function begin(): void {
    callOff()
    const old = socket
    socket = null
    old?.terminate()
    if (url === null) become(null)
    else socket = connect(url)
  }

  function connect(to: string): WebSocket {
    const opened = new WebSocket(`${to.replace(/^http/, 'ws')}/ws/dashboard`, {
      headers: { [appTokenHeader]: token() },
      handshakeTimeout: openWithinMs,
      maxPayload: mostMessageBytes,
    })
    const isCurrent = () => opened === socket
    opened.on('message', data => {
      if (!isCurrent()) return
      failures = 0
      hear(String(data))
    })
    // `close` follows.
    opened.on('error', error => log.debug('the peer tells nothing of the mesh', { error }))
    opened.on('close', () => {
      if (!isCurrent()) return
      socket = null
      become(null)
      callOff = clock.after(Math.min(longestPauseMs, firstPauseMs * 2 ** failures), begin)
      failures = Math.min(failures + 1, 10)
    })
    return opened
  }

  function hear(text: string): void {
    const read = dashboardEvent.safeParse(parse(text))
    // One that is newer than this app is left out: the next snapshot says it all.
    if (read.success) become(meshStateAfter(state, read.data))
    else log.debug('the peer told something that the app cannot read', { issue: read.error.issues[0] })
  }

  function become(next: MeshState | null): void {
    if (next === state) return
    state = next
    onChange()
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
