import type { Choice } from '../../../main/gateway/choose-worker.ts'
import type { Infer, InferEvent, Sequence } from '../../../main/gateway/infer.ts'
import { MeshError } from '../../../main/protocol/errors.ts'
import type { FinishReason, Piece, TokenLogprob } from '../../../main/protocol/inference.ts'

/** What the small stand-in for the mesh does with every sequence; a test changes it as it goes. */
export interface InferScript {
  /** Each with what it adds: text, or pieces. */
  tokens: readonly (string | readonly Piece[])[]
  /** Of an answer that nothing cuts short. */
  finishReason: FinishReason
  /** The stop string that ends it. */
  stop: string | undefined
  promptTokens: number
  cachedTokens: number
  choice: Choice
  /** Thrown before `started`. */
  refuse: MeshError | null
  /** Thrown after so many tokens. */
  failAfter: { readonly tokens: number; readonly error: MeshError } | null
  /** Awaited before `started`: a model that loads. */
  loading: Promise<void> | null
  /** Awaited before each token but the first. */
  pace: (() => Promise<void>) | null
}

export interface ScriptedInfer {
  readonly infer: Infer
  readonly script: InferScript
  readonly asked: Sequence[]
  /** Sequences that were left before their end. */
  cancelled: number
  /** Tokens that the door has taken. */
  taken: number
}

export function scriptInfer(script: Partial<InferScript> = {}): ScriptedInfer {
  const scripted: ScriptedInfer = {
    script: {
      tokens: ['Hel', 'lo', '!'],
      finishReason: 'stop',
      stop: undefined,
      promptTokens: 5,
      cachedTokens: 2,
      choice: { workerId: 'mac1', epoch: 1, fingerprint: 'tiny', strategy: 'hardware_aware', scores: [] },
      refuse: null,
      failAfter: null,
      loading: null,
      pace: null,
      ...script,
    },
    asked: [],
    cancelled: 0,
    taken: 0,
    infer: (sequence, signal) => {
      scripted.asked.push(sequence)
      return answer(sequence, signal, scripted)
    },
  }
  return scripted
}

async function* answer(
  sequence: Sequence,
  signal: AbortSignal,
  scripted: ScriptedInfer,
): AsyncGenerator<InferEvent> {
  const { script } = scripted
  let complete = false
  try {
    if (script.refuse) throw script.refuse
    yield { type: 'accepted', choice: script.choice, from: null }
    if (script.loading) await orAborted(script.loading, signal)
    const { promptTokens, cachedTokens } = script
    yield { type: 'started', promptTokens, cachedTokens }
    if (sequence.echo) yield echo(sequence)
    const limit = Math.min(script.tokens.length, sequence.maxTokens ?? Number.POSITIVE_INFINITY)
    for (let i = 0; i < limit; i++) {
      if (i > 0 && script.pace) await orAborted(script.pace(), signal)
      if (signal.aborted) throw cancelled()
      if (script.failAfter?.tokens === i) throw script.failAfter.error
      scripted.taken++
      yield token(sequence, script.tokens[i] ?? '', i)
    }
    complete = true
    const finishReason = limit < script.tokens.length ? 'length' : script.finishReason
    const { stop } = script
    yield { type: 'done', finishReason, stop, totalTokens: limit, promptTokens, cachedTokens }
  } finally {
    if (!complete) scripted.cancelled++
  }
}

function token(sequence: Sequence, said: string | readonly Piece[], id: number): InferEvent {
  if (typeof said !== 'string') {
    const texts = [said.map(piece => ('text' in piece ? piece.text : '')).join('')]
    return { type: 'token', token: '', pieces: said, ids: [id], ...logprobsOf(sequence, texts) }
  }
  const text = said
  if (sequence.render) {
    const event = sequence.render.head + JSON.stringify(text) + sequence.render.tail
    return { type: 'rendered', bytes: Buffer.from(event), ids: [id] }
  }
  return { type: 'token', token: text, ids: [id], ...logprobsOf(sequence, [text]) }
}

function echo(sequence: Sequence): InferEvent {
  const text = typeof sequence.prompt === 'string' ? sequence.prompt : '<tokens>'
  return { type: 'echo', token: text, ...logprobsOf(sequence, [text], true) }
}

function logprobsOf({ logprobs }: Sequence, texts: readonly string[], isPrompt = false) {
  if (logprobs === undefined) return {}
  const made = texts.map((text): TokenLogprob => {
    const bytes = [...Buffer.from(text)]
    if (isPrompt) return [text, bytes, null, []]
    return [text, bytes, -0.25, Array.from({ length: logprobs }, (_, i) => [`${text}${i}`, bytes, -0.25 - i])]
  })
  return { logprobs: made }
}

function orAborted(waited: Promise<void>, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  if (signal.aborted) reject(cancelled())
  signal.addEventListener('abort', () => reject(cancelled()), { once: true })
  waited.then(resolve, reject)
  return promise
}

function cancelled(): MeshError {
  return new MeshError('CANCELLED', 'The client went away.')
}
