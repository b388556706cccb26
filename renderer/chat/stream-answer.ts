// One question to `/v1/chat/completions`, and its answer as it comes.
import { z } from 'zod'
import { open, PeerError } from '../peer/client.ts'
import { readSse } from './sse.ts'

export interface ChatMessage {
  readonly role: 'system' | 'user' | 'assistant'
  readonly content: string
}

export interface ChatQuestion {
  readonly requestId: string
  /** The Mac that has read the beginning of this conversation answers the next question sooner. */
  readonly sessionId: string
  readonly modelId: string
  readonly messages: readonly ChatMessage[]
  /** Null: as the model wants it. */
  readonly temperature: number | null
}

export type AnswerNews =
  | { readonly type: 'begun'; readonly workerId: string | null }
  /** What the model says to itself before it answers. */
  | { readonly type: 'thought'; readonly text: string }
  | { readonly type: 'text'; readonly text: string }
  /** `length`: there was no room for more. */
  | { readonly type: 'finished'; readonly reason: string }
  | { readonly type: 'usage'; readonly tokens: number }

const chunk = z.object({
  choices: z.array(
    z.object({
      delta: z.object({ content: z.string().nullish(), reasoning_content: z.string().nullish() }),
      finish_reason: z.string().nullish(),
    }),
  ),
  usage: z.object({ completion_tokens: z.number() }).nullish(),
})

const failure = z.object({ error: z.object({ message: z.string(), code: z.string().nullish() }) })

/** Throws PeerError, also for a failure in the middle of the answer; an abort is thrown as the browser does it. */
export async function* streamAnswer(question: ChatQuestion, signal: AbortSignal): AsyncGenerator<AnswerNews> {
  const { requestId, sessionId, modelId, messages, temperature } = question
  const response = await open('/v1/chat/completions', {
    method: 'POST',
    headers: { 'x-request-id': requestId },
    body: {
      model: modelId,
      messages,
      stream: true,
      stream_options: { include_usage: true },
      session_id: sessionId,
      ...(temperature === null ? {} : { temperature }),
    },
    signal,
  })
  yield { type: 'begun', workerId: response.headers.get('x-mlx-mesh-worker') }
  if (!response.body) throw brokenOff()
  let isWhole = false
  for await (const data of events(response.body)) {
    if (data === '[DONE]') {
      isWhole = true
      continue
    }
    yield* newsOf(data)
  }
  if (!isWhole) throw brokenOff()
}

async function* events(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  try {
    yield* readSse(body)
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error
    throw brokenOff()
  }
}

function* newsOf(data: string): Generator<AnswerNews> {
  const said = parse(data)
  const failed = failure.safeParse(said)
  if (failed.success) {
    const { message, code } = failed.data.error
    throw new PeerError(message, 0, code ?? null, said)
  }
  const parsed = chunk.safeParse(said)
  if (!parsed.success) return
  const { choices, usage } = parsed.data
  const [choice] = choices
  const thought = choice?.delta.reasoning_content
  if (thought) yield { type: 'thought', text: thought }
  if (choice?.delta.content) yield { type: 'text', text: choice.delta.content }
  if (choice?.finish_reason) yield { type: 'finished', reason: choice.finish_reason }
  if (usage) yield { type: 'usage', tokens: usage.completion_tokens }
}

function parse(data: string): unknown {
  try {
    return JSON.parse(data)
  } catch {
    return null
  }
}

function brokenOff(): PeerError {
  return new PeerError('The answer broke off: MLX Mesh on this Mac does not answer any more.', 0, null, null)
}
