// Which addresses to ask for routes: those that can be reached from here. Pure functions.
import { type Interface, isInSubnet } from '../fabric/interfaces.ts'
import type { RouteAddress } from '../fabric/nats-config.ts'

/** The one that lies in a network of ours; null when there is none, as with a Mac that is elsewhere. */
export function reachableAddress(addresses: readonly string[], own: readonly Interface[]): string | null {
  return addresses.find(address => own.some(network => isInSubnet(address, network))) ?? null
}

/** Without doubles, in the same order whatever order they came in: a new order would be a new configuration. */
export function inOrder(routes: readonly RouteAddress[]): RouteAddress[] {
  const byText = new Map(routes.map(route => [`${route.host} ${route.port}`, route]))
  return [...byText].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, route]) => route)
}
