// Which Macs belong to this Mac's mesh. Members share one secret; each is known by the fingerprint of its own key.
import { z } from 'zod'
import { type Member, macName, roster } from './roster.ts'

/** What a newcomer is given, over a channel that nobody else can read: with it, it is a member. */
export const admission = z.object({
  meshId: z.string().regex(/^[A-Za-z0-9_-]{12}$/),
  meshName: macName,
  roster,
  /** Where Macs of the mesh take routes, for a network without mDNS. */
  routes: z
    .array(z.object({ host: z.union([z.ipv4(), z.ipv6()]), port: z.int().min(1).max(65_535) }))
    .max(200),
})
export type Admission = z.infer<typeof admission>

export interface MeshInfo {
  /** Drawn by chance when the mesh was made; it tells meshes apart in public. */
  readonly meshId: string
  readonly name: string
}

export interface Membership {
  /** This Mac, as the others are told of it. */
  self(): Member
  /** Null while this Mac is in no mesh: it takes no connection of another one. */
  mesh(): MeshInfo | null
  /** Of the mesh, this Mac included; empty without one. */
  members(): readonly Member[]
  /** Makes a mesh of this Mac alone. Rejects with MeshError('INVALID_REQUEST') when it is in one. */
  create(meshName: string): Promise<MeshInfo>
  /** Lets a Mac in and tells the other members. Its name is made unique. Rejects with MeshError('INVALID_REQUEST') without a mesh. */
  admit(newcomer: Member): Promise<Admission>
  /** Makes this Mac a member. Rejects with MeshError('INVALID_REQUEST') when it is in a mesh already. */
  join(admission: Admission): Promise<void>
  /** Makes this Mac a stranger; the others are told, and change the secret. */
  leave(): Promise<void>
  /** Cuts a Mac off at once and changes the secret. Rejects with MeshError('INVALID_REQUEST') when there is no such member. */
  remove(workerId: string): Promise<void>
  /** Gives this Mac another name. */
  rename(name: string): Promise<void>
  /** Calls back after each change of the mesh or its members. */
  onChange(run: () => void): () => void
}
