// The port to whatever generates tokens. Two implementations: Python MLX processes (`mlx-engine.ts`) and a script
// with a fixed speed (`scripted-engine.ts`). One model is one `EngineModel`; nothing here knows of requests from afar.
import type { Embedding, FinishReason, Generation, Piece, TokenLogprob } from '../protocol/inference.ts'
import type { ModelStatus } from '../protocol/models.ts'

export interface Engine {
  /** Whether models with eyes see here: the layer for that is installed. */
  readonly seesImages: boolean
  /**
   * Starts serving a model; `onPhase` reports progress. Rejects with MeshError('MODEL_LOAD_FAILED') and leaves no
   * process behind. `signal` gives up and stops what was started.
   */
  load(model: ModelFiles, onPhase: (phase: LoadPhase) => void, signal: AbortSignal): Promise<EngineModel>
}

export type LoadPhase = 'loading' | 'warming'

/** A model in a folder on this disk. */
export interface ModelFiles {
  readonly modelId: string
  readonly folder: string
  /** Equal for equal weights, tokenizer and template, on every Mac. */
  readonly fingerprint: string
  readonly sizeBytes: number
  readonly contextTokens: number
  readonly createdAtMs: number
  /** What it makes of a text, where that is not more text. */
  readonly kind?: 'embedding' | undefined
  /** It was made to see images, too, which takes the layer for them. */
  readonly hasEyes?: boolean | undefined
}

export interface EngineModel {
  /** Whether messages may have images; absent: it knows only text. */
  readonly images?: ModelStatus['images']
  readonly contextTokens: number
  /**
   * One sequence. Leaving the loop early cancels it within one step. Rejects with MeshError: INVALID_REQUEST and
   * CONTEXT_LENGTH_EXCEEDED before `started`; INSUFFICIENT_MEMORY when a prompt is given up for those that run, of
   * this model or another; ENGINE_FAILED when a step throws or the process dies.
   */
  generate(request: GenerateRequest): AsyncIterable<EngineEvent>
  /** The same for a model that makes vectors, all of one request: `started`, `vectors`, `done`. */
  embed(request: EmbedRequest): AsyncIterable<EngineEvent>
  /** False once its end has been decided: new requests wait for another process. */
  readonly isServing: boolean
  /** How much memory it may take from now on; near that it stops admitting requests. */
  limitMemory(bytes: number): void
  /** Figures of the last watch-dog answer. */
  readonly stats: EngineStats
  /** Resolves once, when the process is gone, with the reason for a reader; null when `close` asked for it. */
  readonly exited: Promise<string | null>
  /** Ends the process: in order within `graceMs`, then by force. */
  close(graceMs: number): Promise<void>
}

export interface EmbedRequest extends Embedding {
  /** For the logs of every process. */
  readonly traceId?: string | undefined
}

export interface GenerateRequest extends Generation {
  /** For the logs of every process. */
  readonly traceId?: string | undefined
  /**
   * Tokens with which the answer began elsewhere: their text is not said again, `completionTokens` and `maxTokens` count
   * them. What comes behind them is what would have come, but for unseeded draws.
   */
  readonly resume?: { readonly ids: readonly number[] } | undefined
}

export type EngineEvent =
  | { readonly type: 'started'; readonly promptTokens: number; readonly cachedTokens: number }
  | { readonly type: 'echo'; readonly text: string; readonly logprobs: readonly TokenLogprob[] | null }
  | { readonly type: 'prefill'; readonly doneTokens: number; readonly totalTokens: number }
  /**
   * One step's share: `text` may be empty while a stop string may be under way. Whoever resumes with the ids so far has
   * said the text so far; only text behind the last token, which `done` follows, may come without ids.
   */
  | {
      readonly type: 'tokens'
      readonly text: string
      /** What it brought besides text, in its order; then `text` is empty. Null: text alone. */
      readonly pieces: readonly Piece[] | null
      readonly ids: readonly number[]
      readonly logprobs: readonly TokenLogprob[] | null
    }
  /** Joined, the base64 of one vector behind the other, of little-endian 32-bit floats. */
  | { readonly type: 'vectors'; readonly base64: string }
  | {
      readonly type: 'done'
      readonly finishReason: FinishReason
      /** The stop string that ended it. */
      readonly stop?: string | undefined
      readonly completionTokens: number
      readonly timings?: EngineTimings | undefined
    }

/** By the engine's own clock: the wait for a place in the batch, the prompt until its first token, the tokens behind. */
export interface EngineTimings {
  readonly waitedMs: number
  readonly readMs: number
  readonly wroteMs: number
}

export interface EngineStats {
  readonly memoryBytes: number
  readonly cacheBytes: number
  readonly active: number
  readonly queued: number
}
