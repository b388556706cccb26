// How a model travels from one Mac to another: what there is of it, and its bytes in parts that a token can overtake.
import { z } from 'zod'

/** A longer message holds up the tokens of others: 15 MB in one delayed them by 217 ms, in parts of this size by 19. */
export const partBytes = 128 * 1024

/** A plain file that lies in the model's folder itself: nothing hidden, no way to anywhere else. */
const fileName = z
  .string()
  .max(255)
  .regex(/^[^./\\\0][^/\\\0]*$/)

/** `name` or `org/name`, as deep as models lie. */
const modelPath = z
  .string()
  .max(400)
  .regex(/^[^./\\\0][^/\\\0]*(\/[^./\\\0][^/\\\0]*)?$/)

/** `model.files.{id}` */
export const modelFilesRequest = z.object({ modelId: z.string() })
export type ModelFilesRequest = z.infer<typeof modelFilesRequest>

/** All that a copy needs to know of a model before its first byte. */
export const modelOffer = z.object({
  modelId: modelPath,
  fingerprint: z.string(),
  /** Of the weights. */
  sizeBytes: z.number().nonnegative(),
  contextTokens: z.number().int().positive(),
  files: z
    .array(z.object({ name: fileName, sizeBytes: z.number().int().nonnegative() }))
    .min(1)
    .max(2000)
    // Disks of Macs do not tell A from a.
    .refine(files => new Set(files.map(({ name }) => name.toLowerCase())).size === files.length),
})
export type ModelOffer = z.infer<typeof modelOffer>

/** Parts of the one and parts of the other make one model. */
export function isSameOffer(one: ModelOffer, other: ModelOffer | null): boolean {
  return JSON.stringify(one) === JSON.stringify(other)
}

export const modelFilesAnswer = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), offer: modelOffer }),
  z.object({ ok: z.literal(false), error: z.string() }),
])
export type ModelFilesAnswer = z.infer<typeof modelFilesAnswer>

/** `model.read.{id}`; the fingerprint keeps a model that was replaced meanwhile from being mixed with the old one. */
export const modelReadRequest = z.object({
  modelId: z.string(),
  fingerprint: z.string(),
  file: fileName,
  offset: z.number().int().nonnegative(),
  length: z.number().int().positive().max(partBytes),
})
export type ModelReadRequest = z.infer<typeof modelReadRequest>

/** The first byte of an answer to `model.read`: bytes of the file follow, or words that say why there are none. */
const holdsBytes = 1
const holdsReason = 0

/** An empty part: the bytes of the file go behind its first one. */
export function makePart(length: number): Uint8Array {
  const part = new Uint8Array(1 + length)
  part[0] = holdsBytes
  return part
}

export function makeRefusal(reason: string): Uint8Array {
  return Uint8Array.of(holdsReason, ...new TextEncoder().encode(reason))
}

/** The bytes of the file, or the reason why there are none. */
export function openPart(data: Uint8Array): Uint8Array | string {
  const rest = data.subarray(1)
  return data[0] === holdsBytes ? rest : new TextDecoder().decode(rest)
}
