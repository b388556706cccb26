// Requests that are the same to the last word, and whose answer is the same whoever asks, share one generation while it
// runs. Each has a stream of its own; it knows nothing of Macs, and of HTTP only that some clients get ready bytes.
import { createHash } from 'node:crypto'
import { MeshError } from '../protocol/errors.ts'
import { LiveTable } from '../protocol/live-table.ts'
import { lengthOfPieces } from '../protocol/pieces.ts'
import { PushStream } from '../protocol/push-stream.ts'
import type { Infer, InferEvent, Sequence } from './infer.ts'
import { RenderedText, type Rendering } from './rendered-text.ts'
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
  /** How its ready bytes are made: for the client that asked first. */
  readonly #render: Rendering | undefined
  readonly #rendered: RenderedText | null
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
    this.#rendered = sequence.render ? new RenderedText(sequence.render) : null
    this.#onEnd = onEnd
    this.#events = infer(sequence, this.#abort.signal)[Symbol.asyncIterator]()
  }

  get takesMore(): boolean {
    return !this.#hasEnded && this.#said.isWhole
  }

  join(render: Rendering | undefined, signal: AbortSignal): AsyncIterable<InferEvent> {
    const isFirst = !this.#hasFirst
    this.#hasFirst = true
    const follower = new Follower(isFirst, render, this.#take, () => this.#leave(follower))
    this.#followers.add(follower)
    if (!isFirst) for (const event of this.#said.events()) follower.hear(event)
    const leave = () => {
      follower.fail(new MeshError('CANCELLED', 'The client went away.'))
      this.#leave(follower)
    }
    if (signal.aborted) leave()
    else signal.addEventListener('abort', leave, { once: true })
    return follower
  }

  readonly #take = (): void => {
    if (this.#isTaking || this.#hasEnded) return
    this.#isTaking = true
    this.#events.next().then(this.#hear, this.#fail)
  }

  readonly #hear = ({ value, done }: IteratorResult<InferEvent, unknown>): void => {
    this.#isTaking = false
    if (done) this.#end()
    else if (!this.#hasEnded) this.#tell(value)
  }

  readonly #fail = (thrown: unknown): void => {
    for (const follower of this.#followers) follower.fail(thrown)
    this.#end()
  }

  #tell(event: InferEvent): void {
    if (event.type !== 'rendered') this.#said.add(event)
    else if (this.#rendered && this.#said.isWhole)
      this.#said.addJson(this.#rendered.jsonOf(event.bytes), event.ids)
    for (const follower of this.#followers) {
      follower.hear(this.#inWordsOf(follower, event))
      if (follower.waitingBytes <= maxWaitingBytes) continue
      follower.fail(new MeshError('SLOW_CONSUMER', 'The client does not read the answer; it was given up.'))
      this.#leave(follower)
    }
    if (event.type === 'done') this.#end()
  }

  #inWordsOf({ render }: Follower, event: InferEvent): InferEvent {
    if (event.type !== 'rendered' || !this.#rendered || render === this.#render) return event
    return this.#rendered.for(render, event)
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
  readonly #isFirst: boolean
  readonly #wantMore: () => void
  #heard = 0
  #heardBytes = 0

  constructor(isFirst: boolean, render: Rendering | undefined, wantMore: () => void, onReturn: () => void) {
    super(onReturn)
    this.render = render
    this.#isFirst = isFirst
    this.#wantMore = wantMore
  }

  /** Reckoned with events of an average length. */
  get waitingBytes(): number {
    return this.length === 0 ? 0 : this.length * (this.#heardBytes / this.#heard)
  }

  hear(event: InferEvent): void {
    this.#heard++
    this.#heardBytes += bytesOf(event)
    if (event.type === 'accepted' && !this.#isFirst)
      this.push({ ...event, choice: { ...event.choice, strategy: 'shared' } })
    else this.push(event)
  }

  override next(): Promise<IteratorResult<InferEvent, undefined>> {
    if (this.length === 0) this.#wantMore()
    return super.next()
  }
}

/** About: what an event keeps in memory. */
function bytesOf(event: InferEvent): number {
  if (event.type === 'rendered') return event.bytes.length
  if (event.type !== 'token' && event.type !== 'echo') return 0
  const inPieces = event.type === 'token' && event.pieces ? lengthOfPieces(event.pieces) : 0
  return 64 + event.token.length + inPieces + 256 * (event.logprobs?.length ?? 0)
}
