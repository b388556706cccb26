// Addresses as sockets tell them. What a header says of an address is never believed.
import { BlockList, isIPv4, isIPv6 } from 'node:net'
import { isLoopback } from '../config/addresses.ts'

/** IPv4 as such, also where a socket for both kinds wrote it into IPv6; no zone. */
export function plainAddress(address: string): string {
  if (!address.includes(':')) return address
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)
  if (mapped?.[1] !== undefined) return mapped[1]
  const zoneAt = address.indexOf('%')
  return zoneAt < 0 ? address : address.slice(0, zoneAt)
}

/** Who counts as one caller: whoever has an IPv6 address has 2^64 of them. */
export function countedAs(address: string): string {
  if (!isIPv6(address)) return address
  const [head = '', tail] = address.split('::')
  const groups = head === '' ? [] : head.split(':')
  const behind = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : 8 - groups.length - behind.length
  const all = [...groups, ...Array.from({ length: zeros }, () => '0'), ...behind]
  return `${all.slice(0, 4).join(':')}::/64`
}

/** `ranges`: `192.168.1.0/24`, `fd00::/8`, or single addresses; none: everybody. Loopback is always among them. */
export function createAllowList(ranges: readonly string[]): (address: string) => boolean {
  if (ranges.length === 0) return () => true
  const list = new BlockList()
  for (const range of ranges) {
    const [address = '', bits] = range.split('/')
    const family = isIPv4(address) ? 'ipv4' : 'ipv6'
    list.addSubnet(address, bits === undefined ? (family === 'ipv4' ? 32 : 128) : Number(bits), family)
  }
  return address => isLoopback(address) || list.check(address, isIPv4(address) ? 'ipv4' : 'ipv6')
}
