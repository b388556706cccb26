// Serves requests addressed to this Mac: admits or refuses, generates, answers. It knows the bus and the models,
// nothing of HTTP or of which gateway asked.
import type { EngineEvent } from '../engine/engine.ts'
import type { Models } from '../engine/models.ts'
import type { Bus, BusMessage } from '../fabric/bus.ts'
import { parsed } from '../fabric/parsed.ts'
import { createTurnEnd } from '../fabric/turn-end.ts'
import { encodeAnswer } from '../protocol/answers.ts'
import { ByteAllowance } from '../protocol/byte-allowance.ts'
import type { Clock } from '../protocol/clock.ts'
import { asMeshError, MeshError } from '../protocol/errors.ts'
import {
  type Acknowledgement,
  acknowledgement,
  type Cancellation,
  cancellation,
  type InferenceRequest,
  inferenceRequest,
  type LargeRequest,
  largeRequest,
  type ProbeAnswer,
} from '../protocol/inference.ts'
import { encodeJson } from '../protocol/json.ts'
import { LiveTable } from '../protocol/live-table.ts'
import { GatheredAnswer } from '../protocol/pieces.ts'
import { isFromGatewayOf, subjects } from '../protocol/subjects.ts'
import type { Log } from '../telemetry/log.ts'
import { type CachedPrefixes, createCachedPrefixes } from './cached-prefixes.ts'
import { engineEvents } from './engine-events.ts'
import { asLastAnswer, createOutgoingAnswers, type OutgoingAnswers } from './outgoing-answers.ts'
import { nobody, type Observers, Phases } from './phases.ts'
import { retryAfterMs } from './retry-after.ts'
import type { SharingState } from './sharing.ts'
import { takeRequest, unreadable } from './take-request.ts'
import { createThroughput, type Throughput } from './throughput.ts'

/**
 * A gateway speaks of each of its requests every few seconds. One that has not been spoken of between so many looks at it
 * has nobody who waits for it: its cancellation was lost, or its gateway died. Looks are counted, not milliseconds, so that
 * a Mac that wakes from sleep first hears what its gateways say.
 */
const lookMs = 5_000
const mostLooksUnheard = 3
/** Others ask a Mac that pauses again after so long: its heartbeats tell them sooner when it is back. */
const askPausedAgainMs = 30_000
/** Of requests longer than a message, from their announcement to the end of their answers. */
const mostLargeBytes = 64 << 20

export interface ServeOptions {
  readonly workerId: string
  readonly bus: Bus
  readonly models: Models
  readonly sharing: Pick<SharingState, 'now'>
  readonly clock: Clock
  readonly log: Log
  /** Requests in hand before new ones are answered `busy`. */
  readonly maxConcurrent: number
  /** Who is told where the time of a request goes; nobody, if nothing is said. */
  readonly observers?: Observers
}

export interface Serving {
  readonly throughput: Throughput
  readonly cachedPrefixes: CachedPrefixes
  readonly activeRequests: number
  readonly queuedRequests: number
  /** Refuses new requests and resolves when those in hand have ended, or after `graceMs`, which cancels them. */
  drain(graceMs: number): Promise<void>
}

type Stage = ProbeAnswer['requests'][string]

interface Job {
  readonly answers: OutgoingAnswers
  readonly cancel: AbortController
  stage: Stage
  /** Since its gateway last spoke of it. */
  looksUnheard: number
}

export function serveRequests(options: ServeOptions): Serving {
  const { workerId, bus, models, sharing, clock, log, maxConcurrent, observers = nobody } = options
  const jobs = new LiveTable<Job>()
  const throughput = createThroughput(clock)
  const cachedPrefixes = createCachedPrefixes()
  const largeBytes = new ByteAllowance(mostLargeBytes)
  let active = 0
  /** Of these, those whose text is coming. */
  let generating = 0
  let draining = false
  let onIdle: (() => void) | null = null
  const atTurnEnd = createTurnEnd()

  const unsubscribe = [
    bus.subscribe(subjects.inference(workerId), parsed(inferenceRequest, log, receive, refuseUnread)),
    bus.subscribe(subjects.largeInference(workerId), parsed(largeRequest, log, receive, refuseUnread)),
    bus.subscribe(subjects.cancel(workerId), parsed(cancellation, log, cancel)),
    bus.subscribe(subjects.acknowledge(workerId), parsed(acknowledgement, log, acknowledge)),
    bus.onReconnect(() => {
      for (const job of jobs.values()) job.answers.resend(0)
    }),
    clock.every(lookMs, giveUpUnheard),
    models.onChange(({ modelId, state }) => {
      if (state !== 'ready') cachedPrefixes.clear(modelId)
    }),
  ]

  return {
    throughput,
    cachedPrefixes,
    get activeRequests() {
      return active
    },
    get queuedRequests() {
      return queuedRequests()
    },
    drain: async graceMs => {
      draining = true
      const idle = active === 0 ? Promise.resolve() : new Promise<void>(resolve => (onIdle = resolve))
      const callOff = clock.after(graceMs, () => {
        for (const job of jobs.values())
          job.cancel.abort(new MeshError('SHUTTING_DOWN', 'This Mac is stopping.'))
      })
      await idle
      callOff()
      for (const job of jobs.values()) job.answers.flush()
      for (const stop of unsubscribe) stop()
    },
  }

  function queuedRequests(): number {
    let queued = 0
    for (const { stage } of jobs.values())
      if (stage === 'arriving' || stage === 'loading' || stage === 'queued') queued++
    return queued
  }

  /** The announcement of a large request is taken as the request itself would be. */
  function receive(asked: InferenceRequest | LargeRequest): void {
    const { requestId, render } = asked
    const known = jobs.get(requestId)
    if (known) {
      known.looksUnheard = 0
      known.answers.resend(0) // asked twice, because our answers did not arrive
      return
    }
    const subject = subjects.response(requestId)
    const cancel = new AbortController()
    const isLarge = 'sizeBytes' in asked
    const deliveredTokens = deliveredBefore(asked)
    const answers = createOutgoingAnswers({
      requestId,
      render,
      deliveredTokens,
      publish: data => publish(subject, data),
      atTurnEnd,
      giveUp: reason => cancel.abort(reason),
    })
    const job: Job = { answers, cancel, stage: isLarge ? 'arriving' : 'loading', looksUnheard: 0 }
    jobs.set(requestId, job)
    const sizeBytes = isLarge ? asked.sizeBytes : 0
    const refusal = refusalOf(requestId, sizeBytes, deliveredTokens > 0)
    if (refusal) {
      answers.end({ type: 'busy', ...refusal })
      job.stage = 'ended'
      return
    }
    active++
    answers.begin()
    void run(asked, job).finally(() => {
      active--
      largeBytes.giveBack(sizeBytes)
      job.stage = 'ended'
      if (active === 0) onIdle?.()
    })
  }

  /**
   * Null: it is taken. The owner's own requests are taken also while the Mac does not work for others, and an answer that was
   * begun elsewhere also while it is full: what waits, waits in the engine.
   */
  function refusalOf(
    requestId: string,
    sizeBytes: number,
    isBegun: boolean,
  ): { error: string; retryAfterMs: number } | null {
    const { state, reason } = sharing.now()
    if (draining || state === 'leaving') return { error: 'This Mac is stopping.', retryAfterMs: 1000 }
    if (state === 'paused' && !isFromGatewayOf(workerId, requestId)) {
      return {
        error: `The Mac does not work for other Macs now: ${reason}.`,
        retryAfterMs: askPausedAgainMs,
      }
    }
    const isFull = active >= maxConcurrent && !isBegun
    if (!isFull && largeBytes.take(sizeBytes)) return null
    const load = { active, queued: queuedRequests(), avgLatencyMs: throughput.avgLatencyMs }
    const what = isFull ? `${active} requests` : 'too many large requests'
    return { error: `This Mac already has ${what} in hand.`, retryAfterMs: retryAfterMs(load) }
  }

  /** Never rejects: what goes wrong becomes the last answer. */
  async function run(asked: InferenceRequest | LargeRequest, job: Job): Promise<void> {
    const { answers } = job
    let traceId = asked.requestId
    let modelId = ''
    const startedAtMs = clock.now()
    const arrivedMs = performance.now()
    let phases: Phases | null = null
    const signal = job.cancel.signal
    const said = new GatheredAnswer()
    const told = deliveredBefore(asked)
    let first: { atMs: number; tokens: number; others: number } | null = null
    try {
      const request = 'sizeBytes' in asked ? await takeRequest(asked, { bus, clock, log, signal }) : asked
      traceId = request.traceId ?? traceId
      modelId = request.modelId
      phases = new Phases(request, arrivedMs, observers)
      job.stage = 'loading'
      const lease = await models.use(request.modelId, signal)
      try {
        signal.throwIfAborted()
        phases.loaded()
        job.stage = 'queued'
        for await (const event of engineEvents(lease.model, request, signal)) {
          phases.take(event)
          if (event.type !== 'done') {
            if (!deliver(event, job)) throw slowConsumer
            if (event.type === 'tokens') {
              throughput.tokens(request.modelId, event.ids.length)
              first ??= { atMs: clock.now(), tokens: event.ids.length, others: generating++ }
              said.add(event.text, event.pieces)
            }
            continue
          }
          const endedAtMs = clock.now()
          const latencyMs = endedAtMs - startedAtMs
          throughput.requestEnded(latencyMs)
          if (first) {
            const tokens = event.completionTokens - told - first.tokens
            const others = Math.max(first.others, generating - 1)
            throughput.streamEnded(request.modelId, tokens, endedAtMs - first.atMs, others)
          }
          cachedPrefixes.note(request, said)
          answers.end({
            type: 'done',
            finishReason: event.finishReason,
            stop: event.stop,
            totalTokens: event.completionTokens,
            promptTokens: phases.promptTokens,
            cachedTokens: phases.cachedTokens,
            latencyMs,
          })
          return
        }
        throw new MeshError(
          'INTERNAL',
          `The engine ended the answer of ${request.modelId} without a last word.`,
        )
      } finally {
        if (first) generating--
        lease.release()
      }
    } catch (thrown) {
      const error = asMeshError(signal.aborted ? signal.reason : thrown)
      phases?.failed(error.code)
      logFailure(error, traceId, modelId)
      answers.end(asLastAnswer(error))
    }
  }

  function deliver(event: Exclude<EngineEvent, { type: 'done' }>, job: Job): boolean {
    if (event.type === 'tokens') {
      job.stage = 'generating'
      return job.answers.tokens(event)
    }
    if (event.type === 'started') job.answers.started(event.promptTokens, event.cachedTokens)
    if (event.type === 'echo') job.answers.echo(event.text, event.logprobs)
    if (event.type === 'started' || event.type === 'prefill') job.stage = 'prefilling'
    if (event.type === 'vectors') job.answers.vectors(event.base64)
    return true
  }

  function cancel({ requestId }: Cancellation): void {
    const job = jobs.get(requestId)
    if (!job) return
    job.cancel.abort(new MeshError('CANCELLED', 'The client went away.'))
    jobs.delete(requestId)
  }

  function acknowledge({ taken, missing }: Acknowledgement, message: BusMessage): void {
    const requests: ProbeAnswer['requests'] = {}
    for (const [requestId, next] of Object.entries(taken)) {
      const job = jobs.get(requestId)
      if (!job) continue
      job.looksUnheard = 0
      requests[requestId] = job.stage
      const from = missing?.[requestId]
      if (from !== undefined) job.answers.resend(from)
      if (job.answers.acknowledge(next)) jobs.delete(requestId)
    }
    message.respond(encodeJson({ requests } satisfies ProbeAnswer))
  }

  /** What runs is stopped; what has ended, and was kept for its gateway, is forgotten. */
  function giveUpUnheard(): void {
    for (const [requestId, job] of jobs.entries()) {
      if (++job.looksUnheard <= mostLooksUnheard) continue
      jobs.delete(requestId)
      const reason =
        'The Mac that answered had heard nothing of this one for too long and gave the answer up.'
      job.cancel.abort(new MeshError('WORKER_LOST', reason))
    }
  }

  function publish(subject: string, data: Uint8Array): void {
    try {
      bus.publish(subject, data)
    } catch (thrown) {
      if (thrown instanceof RangeError) throw thrown
      // Kept as unacknowledged: it is sent again when the gateway asks or the bus is back.
      log.debug('an answer could not be published', { subject, error: asMeshError(thrown).message })
    }
  }

  /** Without an answer its gateway would send it again. The id is unread, too; the reply subject says whose answer it is. */
  function refuseUnread(message: BusMessage): void {
    message.respond(encodeAnswer({ requestId: '', seq: 0, ...asLastAnswer(unreadable()) }))
  }

  function logFailure(error: MeshError, requestId: string, modelId: string): void {
    const fields = { requestId, modelId, code: error.code, param: error.param }
    if (error.code === 'INTERNAL')
      log.error('a request failed', { ...fields, error: error.message, stack: error.stack })
    else log.debug('a request ended early', fields) // its message may quote the prompt
  }
}

/** Tokens of the answer that another Mac has generated. */
function deliveredBefore(asked: InferenceRequest | LargeRequest): number {
  return 'sizeBytes' in asked ? asked.deliveredTokens : (asked.resume?.ids.length ?? 0)
}

const slowConsumer = new MeshError('SLOW_CONSUMER', 'The client does not read the answer; it was given up.')
