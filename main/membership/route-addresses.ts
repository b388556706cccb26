// Which addresses to ask for routes: those that can be reached from here. Pure functions.
import { BlockList, isIPv4 } from 'node:net'
import type { RouteAddress } from '../fabric/nats-config.ts'

/** An address of this Mac with the length of its network's prefix: `192.168.1.7/24`. */
export type OwnAddress = string

/** The one that lies in a network of ours; null when there is none, as with a Mac that is elsewhere. */
export function reachableAddress(addresses: readonly string[], own: readonly OwnAddress[]): string | null {
  return addresses.find(address => own.some(network => isWithin(address, network))) ?? null
}

/** Without doubles, in the same order whatever order they came in: a new order would be a new configuration. */
export function inOrder(routes: readonly RouteAddress[]): RouteAddress[] {
  const byText = new Map(routes.map(route => [`${route.host} ${route.port}`, route]))
  return [...byText].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, route]) => route)
}

function isWithin(address: string, network: OwnAddress): boolean {
  const [net = '', prefix = ''] = network.split('/')
  const family = isIPv4(address) ? 'ipv4' : 'ipv6'
  if (family !== (isIPv4(net) ? 'ipv4' : 'ipv6')) return false
  const list = new BlockList()
  list.addSubnet(net, Number(prefix), family)
  return list.check(address, family)
}
