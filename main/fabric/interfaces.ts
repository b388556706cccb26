// The networks that this Mac is in, as far as its addresses tell.
import { isIPv4 } from 'node:net'
import { networkInterfaces } from 'node:os'

export interface Interface {
  /** IPv4. */
  readonly address: string
  readonly netmask: string
}

/** Loopback and point-to-point links (VPNs) left out: there is nobody to be found on them. */
export function listInterfaces(): Interface[] {
  return Object.values(networkInterfaces())
    .flatMap(addresses => addresses ?? [])
    .filter(
      ({ family, internal, netmask }) => family === 'IPv4' && !internal && netmask !== '255.255.255.255',
    )
    .map(({ address, netmask }) => ({ address, netmask }))
}

export function isInSubnet(address: string, { address: own, netmask }: Interface): boolean {
  if (!isIPv4(address)) return false
  const mask = bitsOf(netmask)
  return (bitsOf(address) & mask) === (bitsOf(own) & mask)
}

function bitsOf(address: string): number {
  return address.split('.').reduce((bits, part) => (bits << 8) | Number(part), 0)
}
