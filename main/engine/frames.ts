// What the Python runtime says on standard output (python/README.md), checked at the border. `step` comes many times a
// second with the tokens of all requests, so it has a hand-written check; everything else is rare and goes through zod.
import { z } from 'zod'
import {
  type FinishReason,
  finishReason,
  type Piece,
  piece,
  type TokenLogprob,
  tokenLogprob,
} from '../protocol/inference.ts'

const id = z.number().int()
const logprobs = z.array(tokenLogprob)
const pieces = z.array(piece)
const count = z.number().int().nonnegative()
const timings = z.tuple([z.number(), z.number(), z.number()])

const rareFrame = z.discriminatedUnion('ev', [
  z.object({ ev: z.literal('loading'), phase: z.enum(['imports', 'weights', 'warmup']) }),
  z.object({
    ev: z.literal('ready'),
    contextTokens: z.number().int().positive(),
    weightBytes: z.number().nonnegative(),
    /** Absent: of a model that makes no text. */
    images: z.boolean().optional(),
    loadMs: z.number(),
    mlx: z.string(),
    mlxLm: z.string(),
    device: z.enum(['gpu', 'cpu']),
  }),
  z.object({ ev: z.literal('fatal'), message: z.string() }),
  z.object({ ev: z.literal('started'), id, promptTokens: count, cachedTokens: count }),
  z.object({ ev: z.literal('echo'), id, text: z.string(), tokens: logprobs.optional() }),
  z.object({ ev: z.literal('vectors'), id, data: z.string() }),
  z.object({ ev: z.literal('prefill'), id, doneTokens: count, totalTokens: count }),
  z.object({
    ev: z.literal('error'),
    /** Null: a command that no request can be blamed for. */
    id: id.nullable(),
    code: z.enum([
      'INVALID_REQUEST',
      'CONTEXT_LENGTH_EXCEEDED',
      'INSUFFICIENT_MEMORY',
      'ENGINE_FAILED',
      'SHUTTING_DOWN',
    ]),
    message: z.string(),
    param: z.string().nullable(),
  }),
  z.object({
    ev: z.literal('pong'),
    n: count,
    step: count,
    active: count,
    queued: count,
    memoryBytes: z.number().nonnegative(),
    cacheBytes: z.number().nonnegative(),
  }),
])

type StepTokens = [
  id: number,
  text: string,
  ids: number[],
  logprobs?: TokenLogprob[] | null,
  pieces?: Piece[],
]
type StepEnd = [
  id: number,
  finishReason: FinishReason,
  completionTokens: number,
  stop: string | null,
  timings?: [waitedMs: number, readMs: number, wroteMs: number],
]

export interface StepFrame {
  readonly ev: 'step'
  readonly n: number
  readonly t: readonly StepTokens[]
  readonly d: readonly StepEnd[]
}

export type Frame = z.infer<typeof rareFrame> | StepFrame

/** Throws when the line is no frame: something else than our runtime is talking. */
export function parseFrame(line: string): Frame {
  const value: unknown = JSON.parse(line)
  return isStep(value) ? value : rareFrame.parse(value)
}

function isStep(value: unknown): value is StepFrame {
  if (typeof value !== 'object' || value === null || !('ev' in value) || value.ev !== 'step') return false
  return (
    'n' in value &&
    't' in value &&
    'd' in value &&
    Array.isArray(value.t) &&
    Array.isArray(value.d) &&
    value.t.every(isStepTokens) &&
    value.d.every(isStepEnd)
  )
}

function isStepTokens(entry: unknown): boolean {
  return (
    Array.isArray(entry) &&
    typeof entry[0] === 'number' &&
    typeof entry[1] === 'string' &&
    Array.isArray(entry[2]) &&
    typeof (entry[2][0] ?? 0) === 'number' &&
    (entry.length === 3 || entry[3] === null || logprobs.safeParse(entry[3]).success) &&
    (entry.length < 5 || pieces.safeParse(entry[4]).success)
  )
}

function isStepEnd(entry: unknown): boolean {
  return (
    Array.isArray(entry) &&
    typeof entry[0] === 'number' &&
    finishReason.options.includes(entry[1]) &&
    typeof entry[2] === 'number' &&
    (entry[3] === null || typeof entry[3] === 'string') &&
    (entry.length < 5 || timings.safeParse(entry[4]).success)
  )
}
