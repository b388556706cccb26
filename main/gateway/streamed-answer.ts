import type { FinishReason } from '../protocol/inference.ts'
import { toFailure } from './errors.ts'
import type { Exchange } from './exchange.ts'
import { followPart, type PartListener, type TextEvent } from './follow-part.ts'
import type { Infer } from './infer.ts'
import type { Part, Plan, PromptFigures, Shape } from './plan.ts'
import type { EventStream, EventStreams } from './sse.ts'
import type { Trace } from './traffic.ts'
import { usageOf } from './usage.ts'

/**
 * Sends the choices as events, mixed as they come. Headers wait until every prompt has been checked, so that a failure
 * before that is an HTTP status; they do not wait longer than a client waits without a sign of life.
 */
export async function sendStream(
  infer: Infer,
  streams: EventStreams,
  plan: Plan,
  { exchange, trace }: { readonly exchange: Exchange; readonly trace: Trace },
): Promise<void> {
  const stream = streams.begin(exchange)
  const gate = { stream, notStarted: plan.parts.length }
  try {
    const following = plan.parts.map(part =>
      followPart(
        infer,
        rendered(part, plan.shape),
        { exchange, trace },
        new StreamedChoice(part, plan.shape, gate),
      ),
    )
    await Promise.all(following)
    stream.end(plan.shape.end(usageOf(trace), trace.times()))
  } catch (thrown) {
    const error = exchange.signal.aborted ? exchange.signal.reason : thrown
    const failure = toFailure(error)
    const lastWords = () =>
      plan.shape.failed?.(failure) ?? exchange.dialect.failureEvent(failure, exchange.requestId)
    if (stream.isOpen) stream.end(lastWords())
    else stream.leave()
    throw error
  }
}

/** Log probabilities have to be said in other words: those events are made here instead of by the worker. */
function rendered(part: Part, shape: Shape): Part {
  if (part.sequence.logprobs !== undefined) return part
  const render = shape.render(part.index)
  return render === null ? part : { ...part, sequence: { ...part.sequence, render } }
}

class StreamedChoice implements PartListener {
  readonly #index: number
  readonly #shape: Shape
  readonly #gate: { readonly stream: EventStream; notStarted: number }

  constructor(part: Part, shape: Shape, gate: { readonly stream: EventStream; notStarted: number }) {
    this.#index = part.index
    this.#shape = shape
    this.#gate = gate
  }

  onStarted(prompt: PromptFigures): Promise<void> | undefined {
    const { stream } = this.#gate
    if (--this.#gate.notStarted === 0) stream.open()
    const open = () => stream.send(this.#shape.opening(this.#index, prompt))
    if (!stream.isOpen) return stream.opened.then(open)
    open()
    return undefined
  }

  onText(event: TextEvent): Promise<void> | undefined {
    const { stream } = this.#gate
    if (event.type === 'rendered')
      stream.send(this.#shape.rendered?.(this.#index, event.bytes) ?? event.bytes)
    else if (event.type === 'token' && event.pieces)
      stream.send(this.#shape.pieces(this.#index, event.pieces, event.logprobs))
    else if (event.token !== '' || event.logprobs)
      stream.send(this.#shape.text(this.#index, event.token, event.logprobs))
    return stream.isFull ? stream.drained() : undefined
  }

  onDone(finishReason: FinishReason, stop: string | undefined): void {
    this.#gate.stream.send(this.#shape.closing(this.#index, finishReason, stop))
  }
}
