// The Macs on the same networks, by mDNS. Only hints: who is alive and who is a member is decided elsewhere, and a Mac
// that is not listed here any more may be very well.
import type { Clock } from '../protocol/clock.ts'
import type { Log } from '../telemetry/log.ts'
import type { Advert, Announcement } from './advert.ts'
import { type Interface, listInterfaces } from './interfaces.ts'
import { type MdnsLink, openMdnsLink } from './mdns-link.ts'

export interface NearbyPeer {
  readonly workerId: string
  readonly epoch: number
  readonly name: string
  readonly meshId: string | null
  readonly meshName: string | null
  /** IPv4: connect to this, never to a name. */
  readonly address: string
  readonly routePort: number
  readonly version: string
  /** While it has an invitation open. */
  readonly pairing: { readonly port: number; readonly invitationId: string } | null
  readonly lastSeenMs: number
}

export interface Nearby {
  peers(): readonly NearbyPeer[]
  /** Calls back when the list says something else than before, `lastSeenMs` apart. */
  onChange(run: () => void): () => void
  /** Publishes what has changed of us, and asks who is there. */
  refresh(): void
  /** Why other Macs cannot be found, for a reader; null when nothing is known to be wrong. */
  problem(): string | null
  close(): Promise<void>
}

export interface NearbyOptions {
  readonly clock: Clock
  readonly log: Log
  /** What is said of this Mac; null: nothing. Asked at each `refresh`. */
  readonly announce: () => Announcement | null
  /** This Mac is not near to itself. */
  readonly workerId: string
  readonly interfaces?: () => readonly Interface[]
}

/** The system tells nobody that an address has changed. */
const lookMs = 2000
/** After such a gap in our own timer the Mac has slept. */
const sleptMs = 10_000
/** The first packets are asked for several times: multicast gets lost, in Wi-Fi above all. */
const firstQueriesMs = [1000, 3000]
const queryMs = 60_000
const forgetMs = 200_000
/** Between a goodbye and its effect (RFC 6762 §10.1): who only says something new is not gone meanwhile. */
const goodbyeMs = 1000
const mostPeers = 200
const mostInterfaces = 16

interface Known {
  readonly peer: NearbyPeer
  readonly instance: string
  /** Null: it has not said goodbye. */
  readonly leavesAtMs: number | null
}

export function openNearby(options: NearbyOptions): Nearby {
  const { clock, log, announce, workerId, interfaces = listInterfaces } = options
  const known = new Map<string, Known>()
  const links = new Map<string, MdnsLink>()
  const watching = new Set<() => void>()
  let unopened: string | null = null
  let lookedMs = clock.now()
  let queriedMs = clock.now()

  follow()
  const stops = [clock.every(lookMs, look), ...firstQueriesMs.map(delayMs => clock.after(delayMs, query))]

  return {
    peers: () => [...known.values()].map(({ peer }) => peer),
    onChange(run) {
      watching.add(run)
      return () => watching.delete(run)
    },
    refresh() {
      for (const link of links.values()) link.publish(announce())
      query()
    },
    problem,
    async close() {
      for (const stop of stops) stop()
      watching.clear()
      await Promise.all([...links.values()].map(link => link.close()))
      links.clear()
    },
  }

  function look(): void {
    const nowMs = clock.now()
    const slept = nowMs - lookedMs > sleptMs
    lookedMs = nowMs
    if (slept) log.info('this Mac has slept: mDNS starts anew')
    if (slept) drop([...links.keys()])
    follow()
    if (nowMs - queriedMs >= queryMs) {
      renewBroken()
      query()
    }
    forget(nowMs)
  }

  /** One link for each interface that is there now. */
  function follow(lastProblems: ReadonlyMap<string, string> = new Map()): void {
    const wanted = new Map(
      interfaces()
        .slice(0, mostInterfaces)
        .map(on => [`${on.address}/${on.netmask}`, on]),
    )
    drop([...links.keys()].filter(key => !wanted.has(key)))
    for (const [key, on] of wanted) if (!links.has(key)) open(key, on, lastProblems.get(key) ?? null)
    if (wanted.size === 0) unopened = 'This Mac is in no network.'
  }

  /** A socket that hears nothing may only be from before the network came back. */
  function renewBroken(): void {
    const broken = [...links].flatMap(([key, link]) => {
      const problem = link.problem()
      return problem === null ? [] : [{ key, problem }]
    })
    drop(broken.map(({ key }) => key))
    const last = new Map(broken.map(({ key, problem }) => [key, problem]))
    follow(last)
  }

  function open(key: string, on: Interface, lastProblem: string | null): void {
    const announced = announce() // a fault in it is none of the network
    try {
      const link = openMdnsLink({ on, clock, lastProblem, onAdvert: hear, onGoodbye: hearGoodbye })
      links.set(key, link)
      unopened = null
      link.publish(announced)
      link.query()
    } catch (error) {
      unopened = `mDNS cannot start: ${error instanceof Error ? error.message : String(error)}.`
    }
  }

  function drop(keys: readonly string[]): void {
    for (const key of keys) {
      void links.get(key)?.close()
      links.delete(key)
    }
  }

  function query(): void {
    queriedMs = clock.now()
    for (const link of links.values()) link.query()
  }

  function hear(advert: Advert, instance: string, address: string): void {
    if (advert.workerId === workerId) return
    if (!known.has(advert.workerId) && known.size >= mostPeers) return
    const before = known.get(advert.workerId)?.peer
    const peer = peerOf(advert, address, clock.now())
    known.set(advert.workerId, { peer, instance, leavesAtMs: null })
    if (before === undefined || !saysTheSame(before, peer)) tell()
  }

  function hearGoodbye(instance: string): void {
    for (const [id, entry] of known) {
      if (entry.leavesAtMs !== null || entry.instance.toLowerCase() !== instance.toLowerCase()) continue
      known.set(id, { ...entry, leavesAtMs: clock.now() + goodbyeMs })
      clock.after(goodbyeMs, () => forget(clock.now()))
    }
  }

  function forget(nowMs: number): void {
    const before = known.size
    for (const [id, { peer, leavesAtMs }] of known)
      if (nowMs >= (leavesAtMs ?? peer.lastSeenMs + forgetMs)) known.delete(id)
    if (known.size < before) tell()
  }

  function tell(): void {
    for (const run of watching) run()
  }

  /** One interface that works is enough. */
  function problem(): string | null {
    const problems = [...links.values()].map(link => link.problem())
    if (problems.length === 0) return unopened
    return problems.includes(null) ? null : (problems[0] ?? null)
  }
}

function peerOf(advert: Advert, address: string, lastSeenMs: number): NearbyPeer {
  const { workerId, epoch, name, mesh, routePort, version, pairing } = advert
  return {
    workerId,
    epoch,
    name,
    meshId: mesh?.meshId ?? null,
    meshName: mesh?.name ?? null,
    address,
    routePort,
    version,
    pairing,
    lastSeenMs,
  }
}

function saysTheSame(a: NearbyPeer, b: NearbyPeer): boolean {
  return JSON.stringify({ ...a, lastSeenMs: 0 }) === JSON.stringify({ ...b, lastSeenMs: 0 })
}
