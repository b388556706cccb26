import type { FinishReason, InferenceRequest, TokenLogprob } from '../protocol/inference.ts'

/** One sequence to generate; everything of the request but its id on the bus. */
export type Sequence = Omit<InferenceRequest, 'requestId'>

/**
 * Follows one sequence to its end: chooses a Mac, sends, watches. Rejects with MeshError; before `started` nothing has been
 * generated and the error is an HTTP status. Leaving the loop, or `signal`, cancels all the way down.
 */
export type Infer = (sequence: Sequence, signal: AbortSignal) => AsyncIterable<InferEvent>

export type InferEvent =
  /** A Mac has taken it; it may still have to load the model. */
  | { readonly type: 'accepted'; readonly workerId: string }
  | { readonly type: 'started'; readonly promptTokens: number; readonly cachedTokens: number }
  | { readonly type: 'echo'; readonly token: string; readonly logprobs?: readonly TokenLogprob[] | undefined }
  | {
      readonly type: 'token'
      readonly token: string
      readonly ids: readonly number[]
      readonly logprobs?: readonly TokenLogprob[] | undefined
    }
  /** Ready bytes for the client, when the sequence asked for `render`. */
  | { readonly type: 'rendered'; readonly bytes: Uint8Array; readonly ids: readonly number[] }
  | {
      readonly type: 'done'
      readonly finishReason: FinishReason
      readonly totalTokens: number
      readonly promptTokens: number
      readonly cachedTokens: number
    }
