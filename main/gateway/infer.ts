// Follows one sequence to its end: sends it to the Mac that was chosen, and lets another one go on where that fails. The only
// place where failover lives; it knows nothing of HTTP, of scores, or of how answers become complete.
import type { ClusterView } from '../cluster/view.ts'
import type { Answer, RenderedTokens } from '../protocol/answers.ts'
import type { Clock } from '../protocol/clock.ts'
import { asMeshError, type ErrorCode, MeshError } from '../protocol/errors.ts'
import type { FinishReason, InferenceRequest, Piece, TokenLogprob } from '../protocol/inference.ts'
import { PushStream } from '../protocol/push-stream.ts'
import type { Tracing } from '../telemetry/tracing.ts'
import { Attempts } from './attempts.ts'
import type { Choice, WorkerChoice } from './choose-worker.ts'
import { EchoOnce } from './echo-once.ts'
import type { IncomingAnswers, Listener, Outstanding } from './incoming-answers.ts'
import { Trouble } from './trouble.ts'

/** One sequence to generate; everything of the request but its id on the bus. */
export type Sequence = Omit<InferenceRequest, 'requestId'>

/**
 * Rejects with MeshError; before `started` nothing has been generated and the error is an HTTP status. Leaving the loop,
 * or `signal`, cancels all the way down.
 */
export type Infer = (sequence: Sequence, signal: AbortSignal) => AsyncIterable<InferEvent>

export type InferEvent =
  /** A Mac has taken it, from another one or for the first time; it may still have to load the model. */
  | { readonly type: 'accepted'; readonly choice: Choice; readonly from: string | null }
  | { readonly type: 'started'; readonly promptTokens: number; readonly cachedTokens: number }
  | {
      readonly type: 'echo'
      readonly token: string
      readonly logprobs?: readonly TokenLogprob[] | undefined
    }
  | {
      readonly type: 'token'
      readonly token: string
      /** In place of `token`. */
      readonly pieces?: readonly Piece[] | undefined
      readonly ids: readonly number[]
      readonly logprobs?: readonly TokenLogprob[] | undefined
    }
  /** Part of the vectors that the sequence asked for; at 0 they begin, perhaps for another time. */
  | { readonly type: 'vectors'; readonly at: number; readonly base64: string }
  /** Ready bytes for the client, when the sequence asked for `render`. */
  | { readonly type: 'rendered'; readonly bytes: Uint8Array; readonly ids: readonly number[] }
  | {
      readonly type: 'done'
      readonly finishReason: FinishReason
      /** The stop string that ended it. */
      readonly stop?: string | undefined
      readonly totalTokens: number
      readonly promptTokens: number
      readonly cachedTokens: number
    }

interface Surroundings {
  readonly workers: WorkerChoice
  readonly answers: IncomingAnswers
  readonly clock: Clock
  readonly tracing: Tracing | null
}

/** A Mac that has failed: the answer, or what is left of it, is owed by another one. */
const losses = new Set<ErrorCode>(['WORKER_LOST', 'NO_WORKER', 'SHUTTING_DOWN', 'ENGINE_FAILED'])
/** A Mac that cannot take the request. */
const refusals = new Set<ErrorCode>([
  'OVERLOADED',
  'INSUFFICIENT_MEMORY',
  'MODEL_LOAD_FAILED',
  'MODEL_NOT_FOUND',
  'MODEL_NOT_LOADED',
])
const faultsOfMac = new Set<ErrorCode>(['ENGINE_FAILED', 'MODEL_LOAD_FAILED', 'INTERNAL'])

export interface InferOptions {
  readonly view: Pick<ClusterView, 'onSharing'>
  readonly clock: Clock
  readonly tracing?: Tracing | null
}

export function createInfer(
  workers: WorkerChoice,
  answers: IncomingAnswers,
  { view, clock, tracing = null }: InferOptions,
): Infer {
  view.onSharing((workerId, state) => {
    if (state !== 'on') answers.leaving(workerId)
  })
  return (sequence, signal) => {
    const run = new Run(sequence, { workers, answers, clock, tracing })
    if (signal.aborted) run.cancel()
    else signal.addEventListener('abort', () => run.cancel(), { once: true })
    return run.events
  }
}

/**
 * One request on its way: at most one worker has it at any time. What has been heard reaches the client, so whoever takes
 * over goes on behind it.
 */
class Run implements Listener {
  readonly events: PushStream<InferEvent>
  readonly #sequence: Sequence
  readonly #around: Surroundings
  /** Ids of the tokens whose text has been heard. */
  readonly #ids: number[] = []
  readonly #echo = new EchoOnce()
  readonly #trouble = new Trouble()
  readonly #attempts: Attempts | null
  /** Macs that are not asked until all have been asked. */
  readonly #passedOver = new Set<string>()
  /** The prompt's figures on the Mac with which the answer began. */
  #started: Extract<Answer, { type: 'started' }> | null = null
  /** Of the model that began the answer. */
  #fingerprint: string | undefined
  #choice: Choice | null = null
  #outstanding: Outstanding | null = null
  #accepted = false
  /** The Mac that accepted it last. */
  #acceptedBy: string | null = null
  #callOffPause: () => void = () => {}

  constructor(sequence: Sequence, around: Surroundings) {
    this.#sequence = sequence
    this.#around = around
    this.#attempts = around.tracing && new Attempts(around.tracing, sequence.traceparent)
    this.events = new PushStream<InferEvent>(() => this.cancel())
    this.#askNext()
  }

  get waiting(): number {
    return this.events.length
  }

  cancel(): void {
    this.#callOffPause()
    this.#outstanding?.close(true)
    this.#outstanding = null
    this.#attempts?.end('left')
    this.events.fail(new MeshError('CANCELLED', 'The client went away.'))
  }

  onAnswer(answer: Answer | RenderedTokens): void {
    if (answer.type === 'busy') {
      this.#refused(new MeshError('OVERLOADED', answer.error, { retryAfterMs: answer.retryAfterMs }))
      return
    }
    if (!this.#accepted && this.#choice) {
      this.#accepted = true
      this.events.push({ type: 'accepted', choice: this.#choice, from: this.#acceptedBy })
      this.#acceptedBy = this.#choice.workerId
    }
    switch (answer.type) {
      case 'accepted':
        return
      case 'started':
        this.#trouble.over()
        if (!this.#started) this.events.push(answer)
        if (this.#ids.length === 0) this.#started = answer
        return
      case 'echo': {
        const news = this.#echo.pass(answer)
        if (!news) return
        this.#fingerprint ??= this.#choice?.fingerprint
        this.events.push(news)
        return
      }
      case 'token':
      case 'rendered':
        if (answer.index !== this.#ids.length) {
          this.#outstanding?.close(true)
          this.onLost(new MeshError('INTERNAL', 'The Mac that took over did not go on where the answer was.'))
          return
        }
        this.#fingerprint ??= this.#choice?.fingerprint
        for (const id of answer.ids) this.#ids.push(id)
        this.events.push(answer)
        return
      case 'vectors':
        this.events.push(answer)
        return
      case 'done':
        this.#done(answer)
        return
      case 'error': {
        const { code, error, param, retryAfterMs } = answer
        this.#refused(
          new MeshError(code, error, { param, ...(retryAfterMs === null ? {} : { retryAfterMs }) }),
        )
      }
    }
  }

  onLost(reason: MeshError): void {
    this.#outstanding = null
    this.#attempts?.end('lost', reason.code)
    if (reason.code === 'SHUTTING_DOWN') {
      this.events.fail(reason) // of this gateway
      return
    }
    this.#report(losses.has(reason.code) ? 'lost' : 'failed')
    this.#goElsewhere(reason)
  }

  /** Where no other Mac can go on at once, the one that leaves may still come to the end. */
  onLeaving(): void {
    const before = this.#outstanding
    if (!this.#choice || !before) return
    try {
      this.#send(this.#choose(new Set([...this.#passedOver, this.#choice.workerId]), true))
    } catch {
      return
    }
    before.close(true)
  }

  #done(answer: Extract<Answer, { type: 'done' }>): void {
    this.#outstanding = null
    this.#attempts?.end('answered')
    this.#report('answered')
    if (answer.token || answer.pieces)
      this.events.push({ type: 'token', token: answer.token ?? '', pieces: answer.pieces, ids: [] })
    const { promptTokens, cachedTokens } = this.#started ?? answer
    this.events.push({ ...answer, promptTokens, cachedTokens })
    this.events.end()
  }

  /** A Mac says itself that it does not answer, or not to the end. */
  #refused(reason: MeshError): void {
    this.#outstanding = null
    this.#attempts?.end('refused', reason.code)
    this.#report(faultsOfMac.has(reason.code) ? 'failed' : 'answered')
    if (losses.has(reason.code) || refusals.has(reason.code)) this.#goElsewhere(reason)
    else this.events.fail(reason)
  }

  #goElsewhere(reason: MeshError): void {
    const workerId = this.#choice?.workerId ?? ''
    this.#passedOver.add(workerId)
    this.#trouble.note(workerId, reason)
    if (losses.has(reason.code) || this.#ids.length > 0) this.#trouble.bePatient(this.#around.clock.now())
    this.#askNext()
  }

  #askNext(): void {
    if (this.#trouble.isHopeless) {
      this.#giveUp()
      return
    }
    let choice: Choice
    try {
      choice = this.#choose(this.#passedOver, false)
    } catch (thrown) {
      if (this.#trouble.reason) this.#pause()
      else this.events.fail(thrown)
      return
    }
    try {
      this.#send(choice)
    } catch (thrown) {
      this.events.fail(this.#trouble.reason ?? asMeshError(thrown))
    }
  }

  #choose(excluded: ReadonlySet<string>, atOnce: boolean): Choice {
    return this.#around.workers.choose(this.#sequence, excluded, { fingerprint: this.#fingerprint, atOnce })
  }

  /** Throws when it cannot be sent; then all is as before. */
  #send(choice: Choice): void {
    const request = this.#ids.length > 0 ? { ...this.#sequence, resume: { ids: this.#ids } } : this.#sequence
    const attempt = this.#attempts?.next(choice, this.#ids.length)
    const traced = attempt ? { ...request, traceparent: attempt.traceparent } : request
    try {
      this.#outstanding = this.#around.answers.send(choice.workerId, traced, this)
    } catch (thrown) {
      attempt?.giveUp(asMeshError(thrown).code)
      throw thrown
    }
    attempt?.sent()
    this.#choice = choice
    this.#accepted = false
    this.#echo.beginAgain()
  }

  /** Then every Mac is asked again: one that was lost may be back, one that was full may have room. */
  #pause(): void {
    const { clock } = this.#around
    const pauseMs = this.#trouble.nextPauseMs(clock.now())
    if (pauseMs === null) {
      this.#giveUp()
      return
    }
    this.#callOffPause = clock.after(pauseMs, () => {
      this.#passedOver.clear()
      this.#askNext()
    })
  }

  #giveUp(): void {
    const { reason } = this.#trouble
    if (!reason) return
    const { code, message, param, retryAfterMs } = reason
    const more = this.#ids.length > 0 ? ' No other Mac of the mesh could go on with the answer.' : ''
    this.events.fail(
      new MeshError(code, message + more, { param, ...(retryAfterMs === null ? {} : { retryAfterMs }) }),
    )
  }

  #report(outcome: 'answered' | 'failed' | 'lost'): void {
    if (this.#choice) this.#around.workers.report(this.#choice, outcome)
  }
}
