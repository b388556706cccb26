// One client's request as the sequences that answer it, each of which becomes one choice.
import type { FinishReason, Piece, TokenLogprob, ToolCall } from '../protocol/inference.ts'
import { type Failure, HttpError } from './errors.ts'
import type { Sequence } from './infer.ts'
import type { Usage } from './usage.ts'

export interface Plan {
  readonly stream: boolean
  readonly parts: readonly Part[]
  readonly shape: Shape
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
  opening(index: number): string
  text(index: number, text: string, logprobs: readonly TokenLogprob[] | undefined): string
  /** What is not just text; log probabilities are those of all its tokens. */
  pieces(index: number, pieces: readonly Piece[], logprobs: readonly TokenLogprob[] | undefined): string
  closing(index: number, finishReason: FinishReason): string
  /** Behind the last choice. */
  end(usage: Usage): string
  /** The last events of a stream that fails; without it: as its dialect says. */
  failed?(failure: Failure): string
  whole(choices: readonly Choice[], usage: Usage): unknown
}

export interface Choice {
  readonly index: number
  readonly text: string
  /** Null: the model did not think before it answered. */
  readonly reasoning: string | null
  readonly toolCalls: readonly ToolCall[]
  /** Null when they were not asked for. */
  readonly logprobs: readonly TokenLogprob[] | null
  /** Of what was generated, a prompt that is said again left out; 0 where it is not known. */
  readonly meanLogprob: number
  readonly finishReason: FinishReason
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
