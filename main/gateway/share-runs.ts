// Requests that are the same to the last word, and whose answer is the same whoever asks, share one generation while it
// runs. Each has a stream of its own; it knows nothing of Macs, and of HTTP only that some clients get ready bytes.
import { createHash } from 'node:crypto'
import { MeshError } from '../protocol/errors.ts'
import { LiveTable } from '../protocol/live-table.ts'
import { PushStream } from '../protocol/push-stream.ts'
import type { Infer, InferEvent, Sequence } from './infer.ts'
import { asToken, type Rendering, renderedFor } from './rendered-text.ts'
import { SaidSoFar } from './said-so-far.ts'

/** What may wait for a client that reads more slowly than another one of the same answer, before it is given up. */
const maxWaitingBytes = 4 << 20

export function shareRuns(infer: Infer): Infer {
  const runs = new LiveTable<SharedRun>()
  return (sequence, signal) => {
    if (!isRepeatable(sequence)) return infer(sequence, signal)
    const key = keyOf(sequence)
    const running = runs.get(key)
    if (running?.takesMore) return running.join(sequence.render, signal)
    const run = new SharedRun(infer, sequence, () => {
      if (runs.get(key) === run) runs.delete(key)
    })
    runs.set(key, run)
    return run.join(sequence.render, signal)
  }
}

/** Greedy answers do not draw, and draws with a seed are the same again. */
function isRepeatable({ temperature, seed }: Sequence): boolean {
  return temperature === 0 || seed !== undefined
}

/** Everything that changes the answer. */
function keyOf({ traceId: _, traceparent: _t, sessionId: _s, render: _r, ...asked }: Sequence): string {
  return createHash('sha256').update(JSON.stringify(asked)).digest('base64url')
}

/**
 * The fastest of its clients takes the next event from the Mac, so a client alone is not sent more than it reads. The last
 * one that leaves calls it off.
 */
class SharedRun {
  readonly #render: Rendering | undefined
  readonly #events: AsyncIterator<InferEvent>
  readonly #abort = new AbortController()
  readonly #onEnd: () => void
  readonly #followers = new Set<Follower>()
  readonly #said = new SaidSoFar()
  #hasFirst = false
  #isTaking = false
  #hasEnded = false

  constructor(infer: Infer, sequence: Sequence, onEnd: () => void) {
    this.#render = sequence.render
    this.#onEnd = onEnd
    this.#events = infer(sequence, this.#abort.signal)[Symbol.asyncIterator]()
  }

  get takesMore(): boolean {
    return !this.#hasEnded && this.#said.isWhole
  }

  join(render: Rendering | undefined, signal: AbortSignal): AsyncIterable<InferEvent> {
    const isFirst = !this.#hasFirst
    this.#hasFirst = true
    const follower = new Follower(
      render,
      isFirst,
      () => this.#take(),
      () => this.#leave(follower),
    )
    this.#followers.add(follower)
    for (const event of this.#said.events()) follower.hear(event)
    const leave = () => {
      follower.fail(new MeshError('CANCELLED', 'The client went away.'))
      this.#leave(follower)
    }
    if (signal.aborted) leave()
    else signal.addEventListener('abort', leave, { once: true })
    return follower
  }

  #take(): void {
    if (this.#isTaking || this.#hasEnded) return
    this.#isTaking = true
    this.#events.next().then(
      ({ value, done }) => {
        this.#isTaking = false
        if (done) this.#end()
        else this.#tell(value)
      },
      thrown => {
        for (const follower of this.#followers) follower.fail(thrown)
        this.#end()
      },
    )
  }

  #tell(event: InferEvent): void {
    if (this.#hasEnded) return
    const isRendered = event.type === 'rendered' && this.#render !== undefined
    const plain = isRendered ? asToken(event, this.#render) : event
    if (plain.type !== 'rendered') this.#said.add(plain)
    for (const follower of this.#followers) {
      const { render } = follower
      follower.hear(isRendered && render ? renderedFor(event, this.#render, render) : plain)
      if (follower.waitingBytes <= maxWaitingBytes) continue
      follower.fail(new MeshError('SLOW_CONSUMER', 'The client does not read the answer; it was given up.'))
      this.#leave(follower)
    }
    if (event.type === 'done') this.#end()
  }

  /** The last word has been said. */
  #end(): void {
    if (this.#hasEnded) return
    this.#hasEnded = true
    this.#onEnd()
    for (const follower of this.#followers) follower.end()
    this.#close()
  }

  #leave(follower: Follower): void {
    this.#followers.delete(follower)
    if (this.#followers.size > 0 || this.#hasEnded) return
    this.#hasEnded = true
    this.#onEnd()
    this.#abort.abort()
    this.#close()
  }

  /** What closing an answer throws has nobody left to hear it. */
  #close(): void {
    this.#events.return?.().catch(() => {})
  }
}

/** One client's stream: what has been said and not yet read. */
class Follower extends PushStream<InferEvent> {
  readonly render: Rendering | undefined
  waitingBytes = 0
  readonly #isFirst: boolean
  readonly #wantMore: () => void

  constructor(render: Rendering | undefined, isFirst: boolean, wantMore: () => void, onReturn: () => void) {
    super(onReturn)
    this.render = render
    this.#isFirst = isFirst
    this.#wantMore = wantMore
  }

  hear(event: InferEvent): void {
    this.waitingBytes += bytesOf(event)
    const isJoined = event.type === 'accepted' && !this.#isFirst
    this.push(isJoined ? { ...event, choice: { ...event.choice, strategy: 'shared' } } : event)
  }

  override async next(): Promise<IteratorResult<InferEvent, undefined>> {
    if (this.length === 0) this.#wantMore()
    const result = await super.next()
    if (!result.done) this.waitingBytes -= bytesOf(result.value)
    return result
  }
}

/** About: what an event keeps in memory. */
function bytesOf(event: InferEvent): number {
  if (event.type === 'rendered') return event.bytes.length
  if (event.type !== 'token' && event.type !== 'echo') return 0
  return 64 + event.token.length + 256 * (event.logprobs?.length ?? 0)
}
