import { networkInterfaces } from 'node:os'
import { type Interface, listInterfaces } from '../fabric/interfaces.ts'

/** Where other Macs may reach a server that listens on `host`: in all networks of this Mac if that is 0.0.0.0. */
export function ownAddresses(host: string): Interface[] {
  const found = host === '0.0.0.0' ? listInterfaces() : interfacesWith(host)
  return found.sort((one, other) => (one.address < other.address ? -1 : 1))
}

function interfacesWith(host: string): Interface[] {
  return Object.values(networkInterfaces())
    .flatMap(addresses => addresses ?? [])
    .filter(({ address }) => address === host)
    .map(({ address, netmask }) => ({ address, netmask }))
}
