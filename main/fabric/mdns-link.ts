// mDNS on one interface: says what this Mac is, hears what others say. Knows no list of Macs.
import bonjourService from 'bonjour-service'
import type { Clock } from '../protocol/clock.ts'
import { type Advert, type Announcement, readTxt, writeTxt } from './advert.ts'
import { type Interface, isInSubnet } from './interfaces.ts'

const service = 'mlx-mesh'
const serviceName = `_${service}._tcp.local`
/** For a goodbye to go out. */
const goodbyeMs = 300
const deafness = 'a firewall, a missing permission, or a network without multicast'
/** In which our own words have to come back to us. */
const echoMs = 3000

export interface MdnsLink {
  /** Replaces what is published; null: nothing. */
  publish(announcement: Announcement | null): void
  /** Asks everybody to say who they are. */
  query(): void
  /** Why nobody is heard on this interface; null when nothing is known to be wrong. */
  problem(): string | null
  /** Says goodbye. */
  close(): Promise<void>
}

export interface MdnsLinkOptions {
  readonly on: Interface
  readonly clock: Clock
  /** Of the link before this one: it stands until this one has heard itself. */
  readonly lastProblem: string | null
  readonly onAdvert: (advert: Advert, instance: string, address: string) => void
  readonly onGoodbye: (instance: string) => void
}

/** The part of a `multicast-dns` socket that is used here; its packets are decoded, and believed in nothing else. */
interface MulticastSocket {
  on(event: 'error' | 'warning', run: (error: Error) => void): void
  on(event: 'response', run: (packet: Packet, sender: { address: string }) => void): void
  on(event: 'packet', run: (packet: Packet, sender: { address: string }) => void): void
  query(name: string, type: string, onSent: (error: Error | null) => void): void
}

interface Packet {
  readonly answers: readonly ResourceRecord[]
  readonly additionals: readonly ResourceRecord[]
}

interface ResourceRecord {
  readonly type: string
  readonly name: string
  readonly ttl?: number
  readonly data?: unknown
}

/** Throws when the system gives no socket at all; everything later is told by `problem`. */
export function openMdnsLink({ on, clock, lastProblem, onAdvert, onGoodbye }: MdnsLinkOptions): MdnsLink {
  let problem = lastProblem
  let heardUs = false
  let published: string | null = null
  let callOff = () => {}
  // Bound to all addresses: a socket bound to one hears no multicast.
  const options = { type: 'udp4', interface: on.address, bind: '0.0.0.0' }
  const bonjour = new bonjourService.Bonjour(options, (error: Error) => fail(error))
  // Its own browser keeps what anybody says for ever and listens to no error: we listen ourselves.
  // biome-ignore lint/complexity/useLiteralKeys: the only way to the socket that TypeScript lets through
  const socket: MulticastSocket = bonjour['server'].mdns
  socket.on('error', fail)
  socket.on('warning', error => {
    if ('syscall' in error) fail(error) // the others are packets of strangers that cannot be read
  })
  socket.on('packet', (_, sender) => {
    if (sender.address !== on.address) return
    heardUs = true
    problem = null
  })
  socket.on('response', ({ answers, additionals }, sender) => {
    // A neighbour is in our subnet: what comes from elsewhere is another interface's, or has no business here.
    if (!isInSubnet(sender.address, on)) return
    for (const record of [...answers, ...additionals]) hear(record, sender.address)
  })

  return {
    publish(announcement) {
      const next = announcement && JSON.stringify(announcement)
      if (next === published) return
      published = next
      bonjour.unpublishAll()
      if (!announcement) return
      const instance = `${announcement.workerId}-${announcement.epoch.toString(36)}`
      bonjour.publish({
        name: instance,
        type: service,
        // A name of our own: macOS renames the Mac when somebody else speaks in its name.
        host: `${instance}.local`,
        port: announcement.routePort || 1, // it wants one, and nobody reads it
        txt: writeTxt(announcement, on.address),
        probe: false,
        disableIPv6: true,
      })
    },
    query() {
      heardUs = false
      callOff()
      callOff = clock.after(echoMs, () => {
        if (!heardUs) problem ??= `mDNS on ${on.address} does not even hear this Mac itself: ${deafness}.`
      })
      socket.query(serviceName, 'PTR', error => {
        if (error) fail(error)
      })
    },
    problem: () => problem,
    async close() {
      callOff()
      const gone = Promise.withResolvers<void>()
      const giveUp = clock.after(goodbyeMs, gone.resolve)
      bonjour.unpublishAll(gone.resolve)
      await gone.promise
      giveUp()
      try {
        bonjour.destroy()
      } catch {
        // The socket was never open.
      }
    },
  }

  function hear({ type, name, ttl, data }: ResourceRecord, sender: string): void {
    const isGoodbye = ttl === 0
    if (type === 'PTR' && isGoodbye && sameName(name, serviceName) && typeof data === 'string')
      onGoodbye(data)
    if (type !== 'TXT' || isGoodbye || !name.toLowerCase().endsWith(`.${serviceName}`)) return
    const advert = readTxt(data)
    if (!advert) return
    const { address } = advert
    onAdvert(advert, name, address !== null && isInSubnet(address, on) ? address : sender)
  }

  function fail(error: Error): void {
    const isTaken = 'code' in error && error.code === 'EADDRINUSE'
    const why = isTaken ? 'another program keeps port 5353 to itself' : error.message
    problem = `mDNS does not work on ${on.address}: ${why}.`
  }
}

function sameName(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase()
}
