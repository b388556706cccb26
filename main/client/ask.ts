import { z } from 'zod'
import { CommandError } from './command-error.ts'
import { errorAnswer } from './peer-answers.ts'
import type { PeerClient } from './peer-client.ts'
import { readEvents } from './sse-events.ts'

export interface Message {
  readonly role: 'user' | 'assistant'
  readonly content: string
}

export type Piece =
  | { readonly type: 'text'; readonly text: string }
  /** The model says something to itself before it answers. */
  | { readonly type: 'thinking' }
  /** The peer is at it, without a token so far: a model may be loading. */
  | { readonly type: 'waiting' }
  | { readonly type: 'usage'; readonly usage: Usage }

export type Usage = z.infer<typeof usage>

const usage = z.object({ prompt_tokens: z.number(), completion_tokens: z.number() })

const chunk = z.object({
  choices: z.array(
    z.object({ delta: z.object({ content: z.string().nullish(), reasoning_content: z.string().nullish() }) }),
  ),
  usage: usage.nullish(),
})

/** The answer of a model, as it is generated; `signal` stops it. */
export async function* ask(
  peer: PeerClient,
  model: string,
  messages: readonly Message[],
  signal: AbortSignal,
  settings: { readonly max_tokens?: number } = {},
): AsyncGenerator<Piece> {
  const body = { ...settings, model, messages, stream: true, stream_options: { include_usage: true } }
  const response = await peer.stream('/v1/chat/completions', body, signal)
  if (!response.body) throw new CommandError(`${peer.url} answered nothing.`)
  for await (const data of receive(response.body, signal)) {
    if (data === null) yield { type: 'waiting' }
    else if (data === '[DONE]') return
    else yield* readChunk(data)
  }
  throw brokenOff()
}

/** A connection that is lost in the middle of an answer throws here, in words for programmers. */
async function* receive(
  body: ReadableStream<Uint8Array>,
  signal: AbortSignal,
): AsyncGenerator<string | null> {
  try {
    yield* readEvents(body)
  } catch (error) {
    throw signal.aborted ? error : brokenOff()
  }
}

function brokenOff(): CommandError {
  return new CommandError('the answer broke off: the peer has gone.')
}

function* readChunk(data: string): Generator<Piece> {
  const json: unknown = JSON.parse(data)
  const failure = errorAnswer.safeParse(json)
  if (failure.success) throw new CommandError(failure.data.error.message)
  const { choices, usage } = chunk.parse(json)
  for (const { delta } of choices) {
    if (delta.reasoning_content) yield { type: 'thinking' }
    if (delta.content) yield { type: 'text', text: delta.content }
  }
  if (usage) yield { type: 'usage', usage }
}
