// One client's request as the sequences that answer it, each of which becomes one choice.
import type { FinishReason, Piece, TokenLogprob, ToolCall } from '../protocol/inference.ts'
import { type Failure, HttpError } from './errors.ts'
import type { Sequence } from './infer.ts'
import type { Usage } from './usage.ts'

export interface Plan {
  readonly stream: boolean
  readonly parts: readonly Part[]
  readonly shape: Shape
  /** Of a conversation that the body only names. */
  readonly carriedBytes?: number
}

/** A request for vectors: each part brings those of some of its inputs, and they stand in the answer in their order. */
export interface VectorsPlan {
  readonly parts: readonly Part[]
  readonly vectors: VectorsShape
}

/** How vectors look, in the words of one interface. */
export interface VectorsShape {
  /** JSON of one of them; `index` is that of its input. */
  vector(index: number, values: Buffer): string
  /** JSON of the whole answer around theirs, which are separated by commas. */
  whole(vectors: string, usage: Usage, times: Times): string
}

export interface Part {
  /** Its choice in the answer. */
  readonly index: number
  /** Tokens of a prompt count once, however many choices it has. */
  readonly countsPrompt: boolean
  readonly sequence: Sequence
}

/** How an answer looks, in the words of one interface. Chunks are whole events of its streams. */
export interface Shape {
  /**
   * Around a JSON string this makes the event with that text: the worker renders with it. Null: an event depends on those
   * before it, so each is made here.
   */
  render(index: number): { readonly head: string; readonly tail: string } | null
  /** What a choice begins with, before its text. */
  opening(index: number, prompt: PromptFigures): string
  /** What goes out for an event that the worker rendered; without it: the event as it is. */
  rendered?(index: number, event: Uint8Array): string | Uint8Array
  text(index: number, text: string, logprobs: readonly TokenLogprob[] | undefined): string
  /** What is not just text; log probabilities are those of all its tokens. */
  pieces(index: number, pieces: readonly Piece[], logprobs: readonly TokenLogprob[] | undefined): string
  /** `stop`: the stop string that ended it. */
  closing(index: number, finishReason: FinishReason, stop: string | undefined): string
  /** Behind the last choice. */
  end(usage: Usage, times: Times): string
  /** The last events of a stream that fails; without it: as its dialect says. */
  failed?(failure: Failure): string
  whole(choices: readonly Choice[], usage: Usage, times: Times): unknown
}

/** What is known of a prompt when it has been read. */
export interface PromptFigures {
  readonly promptTokens: number
  readonly cachedTokens: number
}

/** What a request has waited for so far; null: that has not come. */
export interface Times {
  /** Since it arrived. */
  readonly totalMs: number
  /** Until its prompt was taken in: another Mac, a place in a batch, or the model itself was waited for. */
  readonly queuedMs: number | null
  readonly firstTokenMs: number | null
}

export interface Choice {
  readonly index: number
  readonly text: string
  /** Null: the model did not think before it answered. */
  readonly reasoning: string | null
  readonly toolCalls: readonly ToolCall[]
  /** Null when they were not asked for. */
  readonly logprobs: readonly TokenLogprob[] | null
  /** Those of `text` alone. */
  readonly textLogprobs: readonly TokenLogprob[]
  /** Of what was generated, a prompt that is said again left out; 0 where it is not known. */
  readonly meanLogprob: number
  readonly finishReason: FinishReason
  /** The stop string that ended it. */
  readonly stop?: string | undefined
}

/** Every prompt `n` times. A seed moves on with each choice of a prompt, so that choices differ and can be repeated. */
export function makeParts(prompts: readonly Sequence[], n: number, maxParts: number): Part[] {
  if (prompts.length * n > maxParts) {
    const message = `${prompts.length} prompts with ${n} choices each are too many: at most ${maxParts} answers at once.`
    throw new HttpError(400, 'invalid_value', message, { param: prompts.length > 1 ? 'prompt' : 'n' })
  }
  return prompts.flatMap((prompt, promptNumber) =>
    Array.from({ length: n }, (_, choice) => ({
      index: promptNumber * n + choice,
      countsPrompt: choice === 0,
      sequence:
        prompt.seed === undefined || choice === 0 ? prompt : { ...prompt, seed: prompt.seed + choice },
    })),
  )
}
