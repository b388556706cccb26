// What two Macs say to each other while one lets the other in: one JSON object a line.
import { z } from 'zod'
import { admission } from '../membership.ts'
import { macName, member } from '../roster.ts'
import { refusals } from './failure.ts'

/** Changes with the protocol: Macs of different ones do not pair. */
export const protocolName = 'mlx-mesh pairing 1'

const bytes32 = z.string().regex(/^[A-Za-z0-9_-]{43}$/)
/** In code mode the code proves who is who; in compare mode two people look at both screens. */
const pairingMode = z.enum(['code', 'compare'])
export type PairingMode = z.infer<typeof pairingMode>

const hello = z.strictObject({
  type: z.literal('hello'),
  protocol: z.string().max(64),
  mode: pairingMode,
  invitationId: z.string().regex(/^[A-Za-z0-9_-]{22}$/),
  /** Of the Mac, for the other person to read. */
  name: macName,
  key: bytes32,
})
export type Hello = z.infer<typeof hello>

const commit = z.strictObject({
  type: z.literal('commit'),
  name: macName,
  meshName: macName,
  key: bytes32,
  commitment: bytes32,
})
export type Commit = z.infer<typeof commit>

export const message = z.discriminatedUnion('type', [
  hello,
  commit,
  z.strictObject({ type: z.literal('nonce'), nonce: bytes32 }),
  z.strictObject({ type: z.literal('sealed'), box: z.string().regex(/^[A-Za-z0-9_-]{22,}$/) }),
  z.strictObject({ type: z.literal('refused'), reason: z.enum(refusals) }),
])
export type Message = z.infer<typeof message>
export type MessageOf<Type extends Message['type']> = Extract<Message, { type: Type }>

/** What the sealed messages say, in their order. */
export const proofNote = z.strictObject({ note: z.literal('proof') })
export const confirmNote = z.strictObject({ note: z.literal('confirm'), member })
export const admitNote = z.strictObject({ note: z.literal('admit'), admission })
export const joinedNote = z.strictObject({ note: z.literal('joined') })
