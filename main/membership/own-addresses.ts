import { networkInterfaces } from 'node:os'
import type { OwnAddress } from './route-addresses.ts'

/**
 * IPv4 addresses by which other Macs may reach a server that listens on `host`: all of this Mac's if that is 0.0.0.0. Those
 * of loopback count only where there is no other.
 */
export function ownAddresses(host: string): OwnAddress[] {
  const all = Object.values(networkInterfaces())
    .flatMap(addresses => addresses ?? [])
    .filter(({ family }) => family === 'IPv4')
  const usable =
    host === '0.0.0.0' ? all.filter(({ internal }) => !internal) : all.filter(each => each.address === host)
  const found = usable.length > 0 ? usable : all
  return found.map(({ cidr, address }) => cidr ?? `${address}/32`).sort()
}

export function withoutPrefix(address: OwnAddress): string {
  return address.slice(0, address.indexOf('/'))
}
