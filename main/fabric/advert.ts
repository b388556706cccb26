// What a Mac says of itself by mDNS, in a TXT record. Anybody on the network may say anything: it is checked and bounded.
import { isIPv4 } from 'node:net'
import { z } from 'zod'

/** What this Mac wants others to know. */
export interface Announcement {
  readonly workerId: string
  readonly epoch: number
  readonly name: string
  /** Null: it is in no mesh. */
  readonly mesh: { readonly meshId: string; readonly name: string } | null
  /** Where its nats-server takes routes; 0: nowhere. */
  readonly routePort: number
  readonly version: string
  /** While an invitation is open. */
  readonly pairing: { readonly port: number; readonly invitationId: string } | null
}

export interface Advert extends Announcement {
  /** By its own word; null when that is no IPv4 address. */
  readonly address: string | null
}

const most = 64
const whole = (max: number) =>
  z
    .string()
    .regex(/^\d{1,16}$/)
    .transform(Number)
    .refine(value => value <= max)
const port = whole(65_535)
const shownName = z.string().min(1).max(most)
const publicId = z.string().regex(/^[\w-]{1,64}$/)

const txt = z.object({
  id: z.string().regex(/^[a-z0-9]{10}$/),
  epoch: whole(Number.MAX_SAFE_INTEGER),
  name: shownName,
  mesh: publicId.optional(),
  meshName: shownName.optional(),
  route: port,
  addr: z.string().max(most).optional(),
  version: z.string().regex(/^[\w.+-]{1,32}$/),
  pairPort: port.optional(),
  pairId: publicId.optional(),
})

/** Keys that have nothing to say are left out. */
export function writeTxt(announcement: Announcement, address: string): Record<string, string> {
  const { workerId, epoch, name, mesh, routePort, version, pairing } = announcement
  return {
    id: workerId,
    epoch: String(epoch),
    name: name.slice(0, most),
    ...(mesh ? { mesh: mesh.meshId, meshName: mesh.name.slice(0, most) } : {}),
    route: String(routePort),
    addr: address,
    version,
    ...(pairing ? { pairPort: String(pairing.port), pairId: pairing.invitationId } : {}),
  }
}

/** Null when it is not what a Mac of ours would say. */
export function readTxt(data: unknown): Advert | null {
  if (!Array.isArray(data) || data.length > 32) return null
  const pairs = data
    .filter(item => Buffer.isBuffer(item))
    .map(item => item.toString())
    .map(item => [item.slice(0, item.indexOf('=')), item.slice(item.indexOf('=') + 1)] as const)
  const parsed = txt.safeParse(Object.fromEntries(pairs))
  if (!parsed.success) return null
  const { id, epoch, name, mesh, meshName, route, addr, version, pairPort, pairId } = parsed.data
  return {
    workerId: id,
    epoch,
    name: withoutControls(name),
    mesh: mesh && meshName ? { meshId: mesh, name: withoutControls(meshName) } : null,
    routePort: route,
    version,
    pairing: pairPort && pairId ? { port: pairPort, invitationId: pairId } : null,
    address: addr !== undefined && isIPv4(addr) ? addr : null,
  }
}

/** A name is shown in terminals, where control characters would draw what a stranger likes. */
function withoutControls(name: string): string {
  return name.replaceAll(/\p{C}/gu, '?')
}
