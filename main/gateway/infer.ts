// Follows one sequence to its end: chooses a Mac, sends, watches, asks another one. The only place where failover
// lives; it knows nothing of HTTP or of how answers become complete.
import type { ClusterView } from '../cluster/view.ts'
import { maxMessageBytes } from '../fabric/bus.ts'
import type { Answer, RenderedTokens } from '../protocol/answers.ts'
import { asMeshError, MeshError } from '../protocol/errors.ts'
import type { FinishReason, InferenceRequest, TokenLogprob } from '../protocol/inference.ts'
import { PushStream } from '../protocol/push-stream.ts'
import { type Candidate, pickWorker, type RoutingPolicy, scoreWorker } from '../routing/pick-worker.ts'
import type { Log } from '../telemetry/log.ts'
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
  | { readonly type: 'accepted'; readonly workerId: string }
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

export interface InferOptions {
  readonly view: ClusterView
  readonly answers: IncomingAnswers
  readonly policy: RoutingPolicy
  readonly log: Log
}

export function createInfer({ view, answers, policy, log }: InferOptions): Infer {
  let turn = 0
  return (sequence, signal) => {
    const run = new Run(sequence, excluded => choose(sequence, excluded), answers)
    if (signal.aborted) run.cancel()
    else signal.addEventListener('abort', () => run.cancel(), { once: true })
    return run.events
  }

  function choose({ modelId, traceId }: Sequence, excluded: ReadonlySet<string>): Candidate {
    const holders = view.holders(modelId)
    if (holders.length === 0) throw noHolder(modelId)
    const candidates: Candidate[] = []
    for (const { worker, model } of holders) {
      const { registration, heartbeat } = worker
      const { workerId } = registration
      if (excluded.has(workerId) || !heartbeat) continue
      candidates.push({
        workerId,
        hardware: registration.hardware,
        priority: registration.priority,
        gpuUtilizationPercent: heartbeat.metrics.gpuUtilizationPercent,
        // A heartbeat is up to a second old; what this gateway has sent since is known exactly.
        activeRequests: Math.max(heartbeat.metrics.activeRequests, answers.activeOn(workerId)),
        maxConcurrent: registration.capabilities.maxConcurrent,
        modelLoaded: model.state === 'ready',
      })
    }
    const chosen = pickWorker(candidates, policy, turn++)
    if (!chosen)
      throw new MeshError('NO_WORKER', `No Mac that has ${modelId} answers.`, { retryAfterMs: 1000 })
    // Why this Mac: so far only in the log, at `debug`; it is not yet kept with the request's record.
    log.debug('a Mac was chosen', {
      requestId: traceId,
      strategy: policy.strategy,
      candidates: candidates.length,
      score: scoreWorker(chosen, policy),
    })
    return chosen
  }

  function noHolder(modelId: string): MeshError {
    if (view.workers().some(worker => worker.status !== 'offline' && worker.heartbeat)) {
      const message = `The model ${modelId} does not exist on any Mac of this mesh; GET /v1/models lists those that do.`
      return new MeshError('MODEL_NOT_FOUND', message, { param: 'model' })
    }
    return new MeshError('NO_WORKER', 'No Mac of this mesh shares its GPU right now.', { retryAfterMs: 1000 })
  }
}

/** One request on its way: at most one worker has it at any time. */
class Run implements Listener {
  readonly events: PushStream<InferEvent>
  readonly #sequence: Sequence
  readonly #choose: (excluded: ReadonlySet<string>) => Candidate
  readonly #answers: IncomingAnswers
  readonly #refusedBy = new Set<string>()
  #outstanding: Outstanding | null = null
  #workerId = ''
  #accepted = false
  #heardText = false
  #lastRefusal: MeshError | null = null

  constructor(
    sequence: Sequence,
    choose: (excluded: ReadonlySet<string>) => Candidate,
    answers: IncomingAnswers,
  ) {
    this.#sequence = sequence
    this.#choose = choose
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
    if (!this.#accepted) {
      this.#accepted = true
      this.events.push({ type: 'accepted', workerId: this.#workerId })
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
    this.#refusedBy.add(this.#workerId)
    this.#lastRefusal = reason
    this.#send()
  }

  #send(): void {
    try {
      this.#workerId = this.#choose(this.#refusedBy).workerId
      this.#accepted = false
      this.#outstanding = this.#answers.send(this.#workerId, this.#sequence, this)
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
