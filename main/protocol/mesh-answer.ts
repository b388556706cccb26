// What `/api/mesh*` answers, as far as the commands and the page read it.
import { z } from 'zod'

/** Whether this Mac lets the other one in, or is let in. */
const role = z.enum(['inviter', 'joiner'])

const pairing = z.discriminatedUnion('state', [
  z.looseObject({ state: z.literal('idle') }),
  z.looseObject({
    state: z.literal('invited'),
    code: z.string(),
    addresses: z.array(z.string()),
    expiresAtMs: z.number(),
    lastFailure: z.string().nullable(),
  }),
  z.looseObject({ state: z.literal('joining') }),
  z.looseObject({
    state: z.literal('comparing'),
    role,
    withName: z.string(),
    shortCode: z.string(),
    confirmedByUs: z.boolean(),
  }),
  z.looseObject({ state: z.literal('done'), role, meshName: z.string(), withName: z.string() }),
  z.looseObject({ state: z.literal('failed'), reason: z.string(), message: z.string() }),
])
export type Pairing = z.infer<typeof pairing>

const member = z.looseObject({
  workerId: z.string(),
  name: z.string(),
  self: z.boolean(),
  online: z.boolean(),
  /** Null while it is not connected. */
  version: z.string().nullish(),
})
export type MemberRecord = z.infer<typeof member>

const nearby = z.looseObject({
  workerId: z.string(),
  name: z.string(),
  meshId: z.string().nullable(),
  meshName: z.string().nullable(),
  version: z.string(),
  epoch: z.number(),
  address: z.string(),
  routePort: z.number(),
  /** Null while it lets nobody in. */
  pairing: z.looseObject({ port: z.number() }).nullable(),
})
export type NearbyMac = z.infer<typeof nearby>

export const meshAnswer = z.looseObject({
  mesh: z.looseObject({ meshId: z.string(), name: z.string() }).nullable(),
  self: z.looseObject({ workerId: z.string(), name: z.string() }),
  members: z.array(member),
  nearby: z.array(nearby),
  pairing,
  problem: z.string().nullable(),
})
export type MeshAnswer = z.infer<typeof meshAnswer>
