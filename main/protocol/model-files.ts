// How a model travels from one Mac to another: what there is of it, and its bytes in parts.
import { z } from 'zod'
import { partBytes } from './parts.ts'

/** A plain file in the model's folder itself, or in that of a module (`1_Pooling`): nothing hidden, no way to anywhere else. */
const fileName = z
  .string()
  .max(255)
  .regex(/^(\d{1,2}_[A-Za-z]{1,40}\/)?[^./\\\0][^/\\\0]*$/)

/** `name` or `org/name`, as deep as models lie. */
const modelPath = z
  .string()
  .max(400)
  .regex(/^[^./\\\0][^/\\\0]*(\/[^./\\\0][^/\\\0]*)?$/)

/** Whether it is named as the Hugging Face hub names models: `mlx-community/Llama-3.2-3B-Instruct-4bit`. */
export function isHubName(modelId: string): boolean {
  return /^[A-Za-z0-9][\w.-]{0,95}\/[A-Za-z0-9][\w.-]{0,95}$/.test(modelId) && !modelId.includes('..')
}

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

/** `model.read.{id}`, answered with a part (`parts.ts`); the fingerprint keeps a model that was replaced meanwhile from being mixed with the old one. */
export const modelReadRequest = z.object({
  modelId: z.string(),
  fingerprint: z.string(),
  file: fileName,
  offset: z.number().int().nonnegative(),
  length: z.number().int().positive().max(partBytes),
})
export type ModelReadRequest = z.infer<typeof modelReadRequest>
