// Where an address of somebody else may lead: not to servers inside the owner's network.
import { type LookupAddress, type LookupAllOptions, lookup } from 'node:dns'
import { lookup as lookupLater } from 'node:dns/promises'
import { BlockList, isIP, type LookupFunction } from 'node:net'

const inside = new BlockList()
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const)
  inside.addSubnet(network, bits, 'ipv4')
for (const [network, bits] of [
  ['::', 127],
  // Other ways to write addresses of version 4.
  ['::', 96],
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['2002::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['ff00::', 8],
] as const)
  inside.addSubnet(network, bits, 'ipv6')

/** Loopback, private, link-local, and whatever else is not somewhere on the internet. */
export function isInside(address: string): boolean {
  return inside.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
}

/** Whether any address of the host is inside; a name that nobody knows is not. */
export async function isHostInside(hostname: string): Promise<boolean> {
  const host = bare(hostname)
  if (isIP(host) !== 0) return isInside(host)
  const found = await lookupLater(host, { all: true }).catch(() => [])
  return found.some(({ address }) => isInside(address))
}

/** Throws for a host that is written as an address inside; names are checked when they are looked up. */
export function refuseInside(hostname: string): void {
  const host = bare(hostname)
  if (isIP(host) !== 0 && isInside(host)) throw leadsInside(host)
}

/** For `http.request`: what the name stands for at the moment of connecting is what counts. */
export const lookupOutside: LookupFunction = (hostname, options, callback) => {
  const all: LookupAllOptions = { ...options, all: true }
  lookup(hostname, all, (error, found: LookupAddress[]) => {
    const [first] = found ?? []
    if (error || !first) return callback(error ?? new Error(`${hostname} has no address.`), '', 0)
    const wrong = found.find(({ address }) => isInside(address))
    if (wrong) return callback(leadsInside(`${hostname} (${wrong.address})`), '', 0)
    return options.all ? callback(null, found) : callback(null, first.address, first.family)
  })
}

/** A redirect that is not followed, and not tried again. */
export class WrongRedirect extends Error {}

function leadsInside(where: string): WrongRedirect {
  return new WrongRedirect(`it leads to ${where}, which is inside a private network.`)
}

function bare(hostname: string): string {
  return hostname.replace(/^\[|\]$/g, '')
}
