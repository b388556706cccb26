// One sequence of a request, followed event by event: what its choice becomes, and what the request's figures gain.
import { MeshError } from '../protocol/errors.ts'
import type { FinishReason } from '../protocol/inference.ts'
import { isThinking } from '../protocol/pieces.ts'
import type { Exchange } from './exchange.ts'
import type { Infer, InferEvent } from './infer.ts'
import type { Part, PromptFigures } from './plan.ts'
import type { Trace } from './traffic.ts'

export interface PartListener {
  /** The prompt is checked. Text follows when the returned promise, if any, has resolved. */
  onStarted(prompt: PromptFigures): Promise<void> | undefined
  /** Text; the returned promise, if any, resolves when there is room for more. */
  onText(event: TextEvent): Promise<void> | undefined
  /** Part of what was asked for in place of text, as in `InferEvent`. */
  onVectors?(event: Extract<InferEvent, { type: 'vectors' }>): void
  onDone(finishReason: FinishReason, stop: string | undefined): void
}

export type TextEvent = Extract<InferEvent, { type: 'echo' | 'token' | 'rendered' }>

/** Resolves when the sequence is complete. */
export async function followPart(
  infer: Infer,
  part: Part,
  { exchange, trace }: { readonly exchange: Exchange; readonly trace: Trace },
  listener: PartListener,
): Promise<void> {
  let started = false
  let counted = 0
  let prompt: PromptFigures = { promptTokens: 0, cachedTokens: 0 }
  /** As soon as it is known: who goes away in the middle has had it read all the same. */
  const countPrompt = ({ promptTokens, cachedTokens }: PromptFigures) => {
    if (!part.countsPrompt) return
    trace.promptTokens += promptTokens - prompt.promptTokens
    trace.cachedTokens += cachedTokens - prompt.cachedTokens
    prompt = { promptTokens, cachedTokens }
  }
  const { traceparent } = exchange
  const sequence = traceparent === undefined ? part.sequence : { ...part.sequence, traceparent }
  for await (const event of infer(sequence, exchange.signal)) {
    if (event.type === 'accepted') {
      noteWorker(exchange, event.choice.workerId)
      trace.chosen(event.choice, event.from)
      continue
    }
    if (event.type === 'started') {
      trace.prefilling()
      countPrompt(event)
    }
    if (!started) {
      started = true
      const wait = listener.onStarted('promptTokens' in event ? event : prompt)
      if (wait) await wait
    }
    if (event.type === 'started') continue
    if (event.type === 'done') {
      if (event.finishReason === 'cancelled') throw new MeshError('CANCELLED', 'The answer was called off.')
      trace.tokens(event.totalTokens - counted)
      countPrompt(event)
      listener.onDone(event.finishReason, event.stop)
      return
    }
    if (event.type === 'vectors') {
      listener.onVectors?.(event)
      continue
    }
    if (event.type !== 'echo') {
      counted += event.ids.length
      trace.tokens(event.ids.length)
      if (event.type === 'token' && isThinking(event.pieces)) trace.reasoningTokens += event.ids.length
    }
    const wait = listener.onText(event)
    if (wait) await wait
  }
  throw new MeshError('INTERNAL', 'a sequence ended without its last word')
}

function noteWorker(exchange: Exchange, workerId: string): void {
  const known = exchange.workerId
  if (known === null) exchange.workerId = workerId
  else if (!known.split(', ').includes(workerId)) exchange.workerId = `${known}, ${workerId}`
}
