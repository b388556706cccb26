import { z } from 'zod'

/**
 * The life of a model on one worker. `failed` keeps its reason; a quarantined model is `failed` until asked for by name.
 * What is `downloading` is being copied from another Mac, or from the hub; what is `absent` was to be, and has not come.
 */
const modelStates = [
  'absent',
  'downloading',
  'queued',
  'loading',
  'warming',
  'ready',
  'draining',
  'unloaded',
  'failed',
] as const

const modelState = z.enum(modelStates)
export type ModelState = z.infer<typeof modelState>

/** What a worker says about one model on its disk or in its memory, or on its way there. */
export const modelStatus = z.object({
  modelId: z.string(),
  /** Equal on two Macs: the same weights, tokenizer and template, so that one can go on with the other's answer. */
  fingerprint: z.string(),
  state: modelState,
  /** Why the model is `failed` or `absent`, for a reader. */
  reason: z.string().nullable(),
  /** How much of it has been copied, of all its files; while it is `downloading` or `absent`. */
  copied: z
    .object({
      bytes: z.number().nonnegative(),
      ofBytes: z.number().nonnegative(),
      /** It is downloaded; otherwise it comes from another Mac. */
      from: z.literal('hub').optional(),
    })
    .optional(),
  /** Size of the weights on disk. */
  sizeBytes: z.number().nonnegative(),
  /** Memory of the process that serves it; 0 while it has none. */
  memoryBytes: z.number().nonnegative(),
  /** Longest prompt plus answer, in tokens. */
  contextTokens: z.number().int().positive(),
  /** When the files appeared on this disk, ms since the epoch. */
  createdAtMs: z.number(),
  /** What it makes of a text, where that is not more text. */
  kind: z.literal('embedding').optional(),
  /** Whether it sees images; one that needs the layer for that has none there. Absent: it knows only text. */
  images: z.enum(['taken', 'needs-layer']).optional(),
  /** When a request last used it, or it was loaded, ms since the epoch. */
  lastUsedAtMs: z.number().nullable(),
  activeRequests: z.number().int().nonnegative(),
  /** Its owner wants it always there: loaded at the start, and never let go for another one. */
  pinned: z.boolean().optional(),
})
export type ModelStatus = z.infer<typeof modelStatus>

/** Whether it is there to be loaded and used. */
export function isOnDisk({ state }: Pick<ModelStatus, 'state'>): boolean {
  return state !== 'downloading' && state !== 'absent'
}

/** Whether a question can be put to it, and its files are there. */
export function canChat(model: Pick<ModelStatus, 'state' | 'kind'>): boolean {
  return isOnDisk(model) && model.kind === undefined
}
