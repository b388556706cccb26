// The receiving end of answers: puts each request's answers in order, acknowledges what has been taken, asks again
// for what is missing, and notices when a worker has fallen silent. It knows nothing of HTTP or of choosing a Mac.
import { type Bus, type BusMessage, maxMessageBytes } from '../fabric/bus.ts'
import { type Answer, decodeAnswer, type RenderedTokens } from '../protocol/answers.ts'
import type { Clock } from '../protocol/clock.ts'
import { asMeshError, MeshError } from '../protocol/errors.ts'
import {
  type Acknowledgement,
  type InferenceRequest,
  type LargeRequest,
  probeAnswer,
} from '../protocol/inference.ts'
import { decodeJson, encodeJson, faultOf } from '../protocol/json.ts'
import { LiveTable } from '../protocol/live-table.ts'
import { makeRequestId, requestIdOf, subjects } from '../protocol/subjects.ts'
import type { Log } from '../telemetry/log.ts'
import { giveBodies } from './give-bodies.ts'

/** Silence after which a worker is asked whether it still works on a request. */
const silenceMs = 400
const probeTimeoutMs = 400
/** Unanswered probes after which a worker counts as lost. */
const maxStrikes = 2
/**
 * Probes one after the other, a tick apart, for which nobody listened, after which it counts as lost: sooner, because that is
 * known and not guessed, but not at once, because a nats-server that is restarted is back within 60 ms.
 */
const maxAbsences = 4
/** Times that a request is sent to a worker that answers but does not have it. */
const maxSends = 5
const tickMs = 100
/** Answers taken after which the worker is told without waiting for the tick. */
const acknowledgeEach = 64
/**
 * A worker gives up a request that nobody speaks of for 15 s; while its client reads nothing, only this speaks of it, every
 * 4 s. Ticks are counted, not milliseconds: the time of day may be set back.
 */
const speakEachTicks = 40
/** How long a broken connection to our own server may last before its requests are given up. */
const maxInterruptionMs = 10_000

/** What a request's owner hears. After `onLost`, or the last answer, nothing more comes. */
export interface Listener {
  onAnswer(answer: Answer | RenderedTokens): void
  onLost(reason: MeshError): void
  /** The worker goes on, but whoever can had better take the request elsewhere. */
  onLeaving(): void
  /** Answers heard but not yet taken by the client: they are not acknowledged. */
  readonly waiting: number
}

export interface Outstanding {
  readonly requestId: string
  /** Stops listening; with `cancel` the worker stops, too. */
  close(cancel: boolean): void
}

export interface IncomingAnswers {
  /** Throws MeshError: REQUEST_TOO_LARGE, OVERLOADED when too many large requests are in hand, or as the bus does. */
  send(workerId: string, request: Omit<InferenceRequest, 'requestId'>, listener: Listener): Outstanding
  /** Requests under way on a worker, as this gateway knows them. */
  activeOn(workerId: string): number
  /** Tells the requests under way on a worker that it is about to leave, or works for its owner alone. */
  leaving(workerId: string): void
  close(): void
}

interface Stream {
  readonly requestId: string
  readonly workerId: string
  readonly listener: Listener
  /** The request, or its announcement. */
  readonly request: Uint8Array
  readonly isLarge: boolean
  /** The sequence number that comes next. */
  next: number
  acknowledged: number
  lastHeardMs: number
  /** Since the worker was last told or asked something about it. */
  unspokenTicks: number
  strikes: number
  absences: number
  sends: number
  asking: boolean
  ended: boolean
}

export function receiveAnswers(options: {
  gatewayId: string
  bus: Bus
  clock: Clock
  log: Log
}): IncomingAnswers {
  const { gatewayId, bus, clock, log } = options
  const streams = new LiveTable<Stream>()
  const bodies = giveBodies({ gatewayId, bus, log })
  const activeByWorker = new Map<string, number>()
  /** Last acknowledgements of ended streams, by worker, sent with the next tick. */
  const farewells = new Map<string, Acknowledgement['taken']>()
  let serial = 0
  let interruptedSinceMs: number | null = null

  const stop = [
    bus.subscribe(subjects.responsesOf(gatewayId), receive),
    bus.onReconnect(() => askAbout(streams.values())),
    clock.every(tickMs, tick),
  ]

  return {
    send: (workerId, request, listener) => {
      const requestId = makeRequestId(gatewayId, serial++)
      const encoded = encodeJson({ ...request, requestId } satisfies InferenceRequest)
      const isLarge = encoded.length > maxMessageBytes
      if (isLarge) bodies.add(requestId, encoded)
      const stream: Stream = {
        requestId,
        workerId,
        listener,
        request: isLarge ? announcementOf(requestId, request, encoded.length) : encoded,
        isLarge,
        next: 0,
        acknowledged: 0,
        lastHeardMs: clock.now(),
        unspokenTicks: 0,
        strikes: 0,
        absences: 0,
        sends: 1,
        asking: false,
        ended: false,
      }
      bus.publish(subjectOf(stream), stream.request, subjects.response(requestId))
      streams.set(requestId, stream)
      activeByWorker.set(workerId, (activeByWorker.get(workerId) ?? 0) + 1)
      return { requestId, close: cancel => leave(stream, cancel) }
    },
    activeOn: workerId => activeByWorker.get(workerId) ?? 0,
    leaving: workerId => {
      for (const stream of streams.values()) if (stream.workerId === workerId) stream.listener.onLeaving()
    },
    close: () => {
      for (const end of stop) end()
      bodies.close()
      for (const stream of streams.values()) {
        lose(stream, new MeshError('SHUTTING_DOWN', 'This Mac is stopping.'))
      }
    },
  }

  function receive(message: BusMessage): void {
    const stream = streams.get(requestIdOf(message.subject))
    if (!stream) return // ended or cancelled: late answers are nobody's
    if (message.noResponders) {
      lose(stream, new MeshError('NO_WORKER', `The Mac ${stream.workerId} does not answer.`))
      return
    }
    let answer: Answer | RenderedTokens
    try {
      answer = decodeAnswer(message.data)
    } catch (thrown) {
      log.warn('an answer could not be read', { requestId: stream.requestId, fault: faultOf(thrown) })
      lose(
        stream,
        new MeshError('INTERNAL', `The Mac ${stream.workerId} sent an answer that cannot be read.`),
      )
      return
    }
    hears(stream)
    if (answer.seq > stream.next) askAbout([stream])
    if (answer.seq !== stream.next) return
    stream.next++
    if (isLast(answer)) leave(stream, false)
    stream.listener.onAnswer(answer)
    if (!stream.ended && taken(stream) - stream.acknowledged >= acknowledgeEach) {
      acknowledge(stream)
    }
  }

  function leave(stream: Stream, cancel: boolean): void {
    if (stream.ended) return
    stream.ended = true
    streams.delete(stream.requestId)
    if (stream.isLarge) bodies.remove(stream.requestId)
    activeByWorker.set(stream.workerId, (activeByWorker.get(stream.workerId) ?? 1) - 1)
    if (cancel) publish(subjects.cancel(stream.workerId), encodeJson({ requestId: stream.requestId }))
    else {
      const ended = farewells.get(stream.workerId) ?? {}
      ended[stream.requestId] = stream.next
      farewells.set(stream.workerId, ended)
    }
  }

  function lose(stream: Stream, reason: MeshError): void {
    if (stream.ended) return
    leave(stream, true)
    stream.listener.onLost(reason)
  }

  function tick(): void {
    for (const [workerId, ended] of farewells) tell(workerId, { taken: ended })
    farewells.clear()
    const nowMs = clock.now()
    interruptedSinceMs = bus.connected ? null : (interruptedSinceMs ?? nowMs)
    const givenUp = interruptedSinceMs !== null && nowMs - interruptedSinceMs > maxInterruptionMs
    const silent: Stream[] = []
    for (const stream of streams.values()) {
      if (givenUp) {
        lose(stream, new MeshError('NO_WORKER', 'The connection inside the mesh did not come back in time.'))
      } else if (!stream.asking && nowMs - stream.lastHeardMs >= silenceMs) silent.push(stream)
      if (taken(stream) > stream.acknowledged || ++stream.unspokenTicks >= speakEachTicks) acknowledge(stream)
    }
    if (bus.connected) askAbout(silent)
  }

  /**
   * Asks the workers what they do, and to send again everything from the number that is missing. What waits for the
   * client is not acknowledged by that: a question gives no credit.
   */
  function askAbout(asked: readonly Stream[]): void {
    const byWorker = new Map<string, Stream[]>()
    for (const stream of asked) {
      if (stream.asking) continue
      stream.asking = true
      const sameWorker = byWorker.get(stream.workerId)
      if (sameWorker) sameWorker.push(stream)
      else byWorker.set(stream.workerId, [stream])
    }
    for (const [workerId, together] of byWorker) void ask(workerId, together)
  }

  async function ask(workerId: string, asked: readonly Stream[]): Promise<void> {
    const have: Acknowledgement['taken'] = {}
    const missing: Acknowledgement['missing'] = {}
    for (const stream of asked) {
      have[stream.requestId] = takeStock(stream)
      missing[stream.requestId] = stream.next
    }
    try {
      const probe = encodeJson({ taken: have, missing } satisfies Acknowledgement)
      const data = await bus.request(subjects.acknowledge(workerId), probe, probeTimeoutMs)
      const { requests } = probeAnswer.parse(decodeJson(data))
      for (const stream of asked) heard(stream, requests[stream.requestId] !== undefined)
    } catch (thrown) {
      if (await ownServerAnswers()) for (const stream of asked) struck(stream, asMeshError(thrown))
    } finally {
      for (const stream of asked) stream.asking = false
    }
  }

  function heard(stream: Stream, known: boolean): void {
    hears(stream)
    if (known || stream.ended) return
    if (stream.next > 0) {
      lose(
        stream,
        new MeshError('WORKER_LOST', 'The Mac that answered was restarted and has lost the request.'),
      )
    } else if (stream.sends >= maxSends) {
      lose(stream, new MeshError('WORKER_LOST', `The Mac ${stream.workerId} does not take the request.`))
    } else {
      // The request itself never arrived: nothing has been done, so asking again is safe.
      stream.sends++
      publish(subjectOf(stream), stream.request, subjects.response(stream.requestId))
    }
  }

  function hears(stream: Stream): void {
    stream.lastHeardMs = clock.now()
    stream.strikes = 0
    stream.absences = 0
  }

  /** A frozen server of our own makes every worker seem silent, and its client takes longer to notice than two strikes. */
  async function ownServerAnswers(): Promise<boolean> {
    try {
      await bus.flush(probeTimeoutMs)
      return true
    } catch {
      return false
    }
  }

  function struck(stream: Stream, error: MeshError): void {
    if (stream.ended) return
    if (error.code === 'NO_WORKER') stream.absences++
    else stream.strikes++
    if (stream.strikes < maxStrikes && stream.absences < maxAbsences) return
    lose(stream, new MeshError('WORKER_LOST', `The Mac that answered has fallen silent: ${error.message}`))
  }

  function acknowledge(stream: Stream): void {
    tell(stream.workerId, { taken: { [stream.requestId]: takeStock(stream) } })
  }

  /** The number to tell the worker. Never less than before: more can wait than this worker has sent. */
  function takeStock(stream: Stream): number {
    stream.unspokenTicks = 0
    stream.acknowledged = Math.max(stream.acknowledged, taken(stream))
    return stream.acknowledged
  }

  function tell(workerId: string, acknowledgement: Acknowledgement): void {
    publish(subjects.acknowledge(workerId), encodeJson(acknowledgement))
  }

  function publish(subject: string, data: Uint8Array, reply?: string): void {
    try {
      bus.publish(subject, data, reply)
    } catch (thrown) {
      log.debug('a message to a worker could not be sent', { subject, error: asMeshError(thrown).message })
    }
  }
}

/** The number up to which the client has everything. */
function taken(stream: Stream): number {
  return stream.next - stream.listener.waiting
}

function isLast({ type }: Answer | RenderedTokens): boolean {
  return type === 'done' || type === 'error' || type === 'busy'
}

function subjectOf({ workerId, isLarge }: Stream): string {
  return isLarge ? subjects.largeInference(workerId) : subjects.inference(workerId)
}

function announcementOf(
  requestId: string,
  { render, resume }: Omit<InferenceRequest, 'requestId'>,
  sizeBytes: number,
): Uint8Array {
  const deliveredTokens = resume?.ids.length ?? 0
  return encodeJson({ requestId, sizeBytes, render, deliveredTokens } satisfies LargeRequest)
}
