// Where the Mac is that made an invitation.
import type { Nearby, NearbyPeer } from '../fabric/nearby.ts'
import type { Clock } from '../protocol/clock.ts'
import { MeshError } from '../protocol/errors.ts'
import { PairingFailure } from './pairing/failure.ts'

export type NearbyMacs = Pick<Nearby, 'peers' | 'onChange' | 'refresh'>

export interface Place {
  readonly host: string
  readonly port: number
}

const findMs = 10_000

/** Looks around for ten seconds. Rejects with PairingFailure('not_found'), or at once when `signal` aborts. */
export function findInviter(
  nearby: NearbyMacs,
  clock: Clock,
  invitationId: string,
  signal: AbortSignal,
): Promise<Place> {
  return new Promise((resolve, reject) => {
    const look = () => {
      const place = placeIn(nearby.peers(), invitationId)
      if (place) finish(() => resolve(place))
    }
    const stops = [
      nearby.onChange(look),
      clock.after(findMs, () => finish(() => reject(new PairingFailure('not_found')))),
    ]
    const cancel = () => finish(() => reject(new PairingFailure('cancelled')))
    signal.addEventListener('abort', cancel, { once: true })
    nearby.refresh()
    look()

    function finish(how: () => void): void {
      for (const stop of stops) stop()
      signal.removeEventListener('abort', cancel)
      how()
    }
  })
}

/** `HOST:PORT`, `[IPv6]:PORT`. Throws MeshError('INVALID_REQUEST'). */
export function parsePlace(text: string): Place {
  const [, bracketed, plain, port = ''] = /^(?:\[([^\]\s]+)\]|([^:\s]+)):(\d{1,5})$/.exec(text) ?? []
  const host = bracketed ?? plain
  if (host !== undefined && Number(port) > 0 && Number(port) < 65_536) return { host, port: Number(port) }
  const message = `Expected an address such as 192.168.1.5:51234, not "${text}".`
  throw new MeshError('INVALID_REQUEST', message, { param: 'address' })
}

function placeIn(peers: readonly NearbyPeer[], invitationId: string): Place | null {
  const inviter = peers.find(({ pairing }) => pairing?.invitationId === invitationId)
  return inviter?.pairing ? { host: inviter.address, port: inviter.pairing.port } : null
}
