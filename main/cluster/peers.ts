// The peers of the mesh, whatever their role: each says every second that it is there. From this follow who leads, and
// where nats-servers find each other.
import type { Bus } from '../fabric/bus.ts'
import { parsed } from '../fabric/parsed.ts'
import type { Clock } from '../protocol/clock.ts'
import { asMeshError } from '../protocol/errors.ts'
import { encodeJson } from '../protocol/json.ts'
import { subjects } from '../protocol/subjects.ts'
import { type PeerBeat, type Presence, peerBeat, presence } from '../protocol/workers.ts'
import type { Log } from '../telemetry/log.ts'
import { leaderOf } from './leader.ts'

export interface Peers {
  /** Those that are here now, this one included. */
  present(): readonly PeerBeat[]
  /** Does what must happen once in the mesh. Null while nobody may. */
  leader(): PeerBeat | null
  close(): void
}

export interface PeersOptions {
  readonly bus: Bus
  readonly clock: Clock
  readonly log: Log
  readonly heartbeatIntervalMs: number
  readonly offlineTimeoutMs: number
  /** This peer now; the rest of a beat is added here. */
  readonly self: () => Omit<PeerBeat, 'epoch' | 'timestamp'>
  readonly onBeat: (beat: PeerBeat) => void
  /** Nobody listens there any more, or it has let a beat and a question pass: nothing is to be expected of it for now. */
  readonly onSilent: (workerId: string) => void
}

const nothing = new Uint8Array(0)

export function openPeers(options: PeersOptions): Peers {
  const { bus, clock, log, heartbeatIntervalMs, offlineTimeoutMs, self, onBeat, onSilent } = options
  const heard = new Map<string, { readonly beat: PeerBeat; readonly atMs: number }>()
  let epoch = clock.now()
  let closed = false
  let lastBeatAtMs = clock.now()

  const isPresent = ({ atMs }: { readonly atMs: number }) => atMs >= clock.now() - offlineTimeoutMs
  const present = () => [...heard.values()].filter(isPresent).map(({ beat }) => beat)

  const stop = [
    bus.subscribe(subjects.peer, parsed(peerBeat, log, hear)),
    bus.subscribe(
      subjects.shutdown,
      parsed(presence, log, ({ workerId }) => heard.delete(workerId)),
    ),
    bus.subscribe(subjects.ping(self().workerId), message => message.respond(nothing)),
    bus.onReconnect(beat),
    clock.every(heartbeatIntervalMs / 2, askTheLate),
    clock.every(heartbeatIntervalMs, beat),
  ]
  beat()

  return {
    present,
    leader: () => leaderOf(present()),
    close() {
      closed = true
      for (const end of stop) end()
      const { workerId } = self()
      say(subjects.shutdown, { workerId, epoch, timestamp: clock.now() } satisfies Presence)
    },
  }

  function beat(): void {
    const nowMs = clock.now()
    // This Mac has slept: whoever took the lead meanwhile keeps it.
    if (nowMs - lastBeatAtMs > offlineTimeoutMs) epoch = nowMs
    lastBeatAtMs = nowMs
    const own: PeerBeat = { ...self(), epoch, timestamp: nowMs }
    hear(own)
    say(subjects.peer, own)
  }

  /** Nobody listening is an answer that comes within milliseconds; silence makes it a peer of whom nothing is asked. */
  function askTheLate(): void {
    if (!bus.connected) return // then everybody is late
    const own = self().workerId
    const lateMs = clock.now() - heartbeatIntervalMs * 1.25
    for (const [workerId, { atMs }] of heard) {
      if (atMs > lateMs || workerId === own) continue
      bus.request(subjects.ping(workerId), nothing, heartbeatIntervalMs / 2).catch(thrown => {
        if (closed || heard.get(workerId)?.atMs !== atMs) return
        if (asMeshError(thrown).code === 'NO_WORKER') bury(workerId)
        onSilent(workerId)
      })
    }
  }

  function bury(workerId: string): void {
    heard.delete(workerId)
    log.info('a Mac is gone', { workerId })
  }

  function hear(beat: PeerBeat): void {
    const known = heard.get(beat.workerId)
    // An earlier run; unless the later one is silent: then the clock there was ahead and has been put right.
    if (known && known.beat.epoch > beat.epoch && isPresent(known)) return
    heard.set(beat.workerId, { beat, atMs: clock.now() })
    onBeat(beat)
  }

  function say(subject: string, value: PeerBeat | Presence): void {
    try {
      bus.publish(subject, encodeJson(value))
    } catch (error) {
      log.debug('a message to the other peers could not be sent', { subject, error })
    }
  }
}
