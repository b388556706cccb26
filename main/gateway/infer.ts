// Follows one sequence to its end: sends it to the Mac that was chosen, watches, asks another one. The only place where
// failover lives; it knows nothing of HTTP, of scores, or of how answers become complete.
import { maxMessageBytes } from '../fabric/bus.ts'
import type { Answer, RenderedTokens } from '../protocol/answers.ts'
import { asMeshError, MeshError } from '../protocol/errors.ts'
import type { FinishReason, InferenceRequest, TokenLogprob } from '../protocol/inference.ts'
import { PushStream } from '../protocol/push-stream.ts'
import type { Choice, WorkerChoice } from './choose-worker.ts'
import type { IncomingAnswers, Listener, Outstanding } from './incoming-answers.ts'

/** One sequence to generate; everything of the request but its id on the bus. */
export type Sequence = Omit<InferenceRequest, 'requestId'>

/**
 * Rejects with MeshError; before `started` nothing has been generated and the error is an HTTP status. Leaving the loop,
 * or `signal`, cancels all the way down.
 */
export type Infer = (sequence: Sequence, signal: AbortSignal) => AsyncIterable<InferEvent>

export type InferEvent =
  /** A Mac has taken it; it may still have to load the model. */
  | { readonly type: 'accepted'; readonly choice: Choice }
  | { readonly type: 'started'; readonly promptTokens: number; readonly cachedTokens: number }
  | {
      readonly type: 'echo'
      readonly token: string
      readonly logprobs?: readonly TokenLogprob[] | undefined
    }
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

export function createInfer(choice: WorkerChoice, answers: IncomingAnswers): Infer {
  return (sequence, signal) => {
    const run = new Run(sequence, choice, answers)
    if (signal.aborted) run.cancel()
    else signal.addEventListener('abort', () => run.cancel(), { once: true })
    return run.events
  }
}

/** One request on its way: at most one worker has it at any time. */
class Run implements Listener {
  readonly events: PushStream<InferEvent>
  readonly #sequence: Sequence
  readonly #workers: WorkerChoice
  readonly #answers: IncomingAnswers
  readonly #refusedBy = new Set<string>()
  #outstanding: Outstanding | null = null
  #choice: Choice | null = null
  #accepted = false
  #heardText = false
  #lastRefusal: MeshError | null = null

  constructor(sequence: Sequence, workers: WorkerChoice, answers: IncomingAnswers) {
    this.#sequence = sequence
    this.#workers = workers
    this.#answers = answers
    this.events = new PushStream<InferEvent>(() => this.cancel())
    this.#send()
  }

  get waiting(): number {
    return this.events.length
  }

  cancel(): void {
    this.#outstanding?.close(true)
    this.#outstanding = null
    this.events.fail(new MeshError('CANCELLED', 'The client went away.'))
  }

  onAnswer(answer: Answer | RenderedTokens): void {
    if (answer.type === 'busy') {
      this.#outstanding = null
      this.#refused(new MeshError('OVERLOADED', answer.error, { retryAfterMs: answer.retryAfterMs }))
      return
    }
    if (!this.#accepted && this.#choice) {
      this.#accepted = true
      this.events.push({ type: 'accepted', choice: this.#choice })
    }
    switch (answer.type) {
      case 'accepted':
        return
      case 'started':
        this.events.push(answer)
        return
      case 'echo':
      case 'token':
      case 'rendered':
        this.#heardText = true
        this.events.push(answer)
        return
      case 'done':
        this.#outstanding = null
        if (answer.token) this.events.push({ type: 'token', token: answer.token, ids: [] })
        this.events.push(answer)
        this.events.end()
        return
      case 'error': {
        this.#outstanding = null
        const { code, error, param, retryAfterMs } = answer
        this.events.fail(
          new MeshError(code, error, { param, ...(retryAfterMs === null ? {} : { retryAfterMs }) }),
        )
      }
    }
  }

  onLost(reason: MeshError): void {
    this.#outstanding = null
    // Nothing has reached the client yet, so another Mac can begin again without anybody noticing.
    if (!this.#heardText && reason.code !== 'SHUTTING_DOWN') this.#refused(reason)
    else this.events.fail(reason)
  }

  #refused(reason: MeshError): void {
    if (this.#choice) this.#refusedBy.add(this.#choice.workerId)
    this.#lastRefusal = reason
    this.#send()
  }

  #send(): void {
    try {
      this.#choice = this.#workers.choose(this.#sequence, this.#refusedBy)
      this.#accepted = false
      this.#outstanding = this.#answers.send(this.#choice.workerId, this.#sequence, this)
    } catch (thrown) {
      this.events.fail(this.#lastRefusal ?? readable(thrown))
    }
  }
}

function readable(thrown: unknown): MeshError {
  if (thrown instanceof RangeError) {
    return new MeshError(
      'REQUEST_TOO_LARGE',
      `The request is too large: what is sent to a Mac may have ${maxMessageBytes} bytes.`,
    )
  }
  return asMeshError(thrown)
}
