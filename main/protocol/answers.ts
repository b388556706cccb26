// Answers of a worker to one request, as they travel on `response.{requestId}`: numbered from 0 without a gap.
// Most are JSON objects. Text for a streaming client travels as ready bytes behind a binary header, so that the
// gateway forwards it without parsing; the first byte tells them apart.
import { z } from 'zod'
import { errorCodes } from './errors.ts'
import { finishReason, piece, tokenLogprob } from './inference.ts'

const numbered = { requestId: z.string(), seq: z.number().int().nonnegative() }

/**
 * Text as it was generated: `index` is the number of the first of its `ids` among the answer's tokens. With `pieces` it is
 * these in place of `token`, which is empty.
 */
const token = z.object({
  ...numbered,
  type: z.literal('token'),
  token: z.string(),
  pieces: z.array(piece).optional(),
  index: z.number().int().nonnegative(),
  ids: z.array(z.number().int()),
  logprobs: z.array(tokenLogprob).optional(),
})

const answer = z.discriminatedUnion('type', [
  /** The worker has the request in hand; every other answer implies it. */
  z.object({ ...numbered, type: z.literal('accepted') }),
  /** The worker refuses: it is full, drains, or pauses. Nothing has been done. */
  z.object({ ...numbered, type: z.literal('busy'), retryAfterMs: z.number(), error: z.string() }),
  /** The prompt has been checked and counted: from here on a failure is not the client's. */
  z.object({
    ...numbered,
    type: z.literal('started'),
    promptTokens: z.number().int(),
    cachedTokens: z.number().int(),
  }),
  /** The prompt said again (`echo`), with log probabilities where they were asked for. */
  z.object({
    ...numbered,
    type: z.literal('echo'),
    token: z.string(),
    logprobs: z.array(tokenLogprob).optional(),
  }),
  token,
  /** The next part of the vectors that were asked for; at 0 they begin, also when they have begun before on another Mac. */
  z.object({
    ...numbered,
    type: z.literal('vectors'),
    /** Characters of base64 before it. */
    at: z.number().int().nonnegative(),
    base64: z.string(),
  }),
  z.object({
    ...numbered,
    type: z.literal('done'),
    finishReason,
    /** The stop string that ended it. */
    stop: z.string().optional(),
    /** Generated tokens. */
    totalTokens: z.number().int().nonnegative(),
    promptTokens: z.number().int().nonnegative(),
    cachedTokens: z.number().int().nonnegative(),
    latencyMs: z.number().nonnegative(),
    /** Text that was not sent before: all of a short answer, or what was held back until its end. */
    token: z.string().optional(),
    /** The same, where it is not just text. */
    pieces: z.array(piece).optional(),
  }),
  z.object({
    ...numbered,
    type: z.literal('error'),
    error: z.string(),
    code: z.enum(errorCodes),
    param: z.string().nullable(),
    retryAfterMs: z.number().nullable(),
  }),
])

export type Answer = z.infer<typeof answer>
export type AnswerBody = Answer extends infer A
  ? A extends unknown
    ? Omit<A, 'seq' | 'requestId'>
    : never
  : never

/** Ready bytes for a streaming client. */
export interface RenderedTokens {
  readonly type: 'rendered'
  readonly seq: number
  /** Number of the first token among the answer's tokens. */
  readonly index: number
  readonly ids: readonly number[]
  readonly bytes: Uint8Array
}

// type (1 byte, 0x01) · seq (u32) · index (u32) · count (u16) · ids (u32 each) · bytes; all little-endian
const renderedType = 0x01
const headerBytes = 11
const maxIdsPerFrame = 0xffff

export function encodeAnswer(value: Answer): Uint8Array {
  return Buffer.from(JSON.stringify(value))
}

export function encodeRendered(seq: number, index: number, ids: readonly number[], text: string): Uint8Array {
  if (ids.length > maxIdsPerFrame) throw new RangeError(`${ids.length} tokens do not fit into one answer`)
  const textAt = headerBytes + ids.length * 4
  const frame = Buffer.allocUnsafe(textAt + Buffer.byteLength(text))
  frame[0] = renderedType
  frame.writeUInt32LE(seq, 1)
  frame.writeUInt32LE(index, 5)
  frame.writeUInt16LE(ids.length, 9)
  for (let i = 0; i < ids.length; i++) frame.writeUInt32LE(ids[i] ?? 0, headerBytes + i * 4)
  frame.write(text, textAt)
  return frame
}

/** Throws when the bytes are not an answer: the sender is not one of ours. */
export function decodeAnswer(data: Uint8Array): Answer | RenderedTokens {
  const view = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  if (view[0] !== renderedType) return answer.parse(JSON.parse(view.toString()))
  const count = view.readUInt16LE(9)
  const textAt = headerBytes + count * 4
  if (textAt > view.length) throw new RangeError('a rendered answer is shorter than its header says')
  const ids = new Array<number>(count)
  for (let i = 0; i < count; i++) ids[i] = view.readUInt32LE(headerBytes + i * 4)
  return {
    type: 'rendered',
    seq: view.readUInt32LE(1),
    index: view.readUInt32LE(5),
    ids,
    bytes: view.subarray(textAt),
  }
}
