// One streamed chat as its client sees it: every byte of text with its time, and how it ended.
import { z } from 'zod'
import { readEvents } from '../../main/client/sse-events.ts'

export interface Question {
  readonly model: string
  readonly prompt: string
  readonly maxTokens: number
  /** The client takes so long over each event, and reads no other one meanwhile. */
  readonly slowMs?: number
  readonly signal?: AbortSignal
  /** Called with the number of events with text so far and the Mac that began to serve. */
  readonly onToken?: (count: number, workerId: string) => void
}

export interface Answer {
  /**
   * `complete`: with its last word. `refused`, `failed`: a readable error before or in the stream. `broken`: the
   * connection was lost, or the stream ended without a last word.
   */
  readonly end: 'complete' | 'refused' | 'failed' | 'broken'
  /** Why, when it is not complete. */
  readonly reason: string
  readonly text: string
  /** `usage.completion_tokens`, 0 when it was not said. */
  readonly tokens: number
  /** The Mac that began to serve it. */
  readonly workerId: string
  /** `performance.now()` of the question, of each event with text, and of the end. */
  readonly askedAtMs: number
  readonly arrivedAtMs: readonly number[]
  readonly endedAtMs: number
}

const failure = z.object({ error: z.object({ message: z.string().min(1), code: z.string().nullish() }) })
const chunk = z.object({
  choices: z.array(z.object({ delta: z.object({ content: z.string().nullish() }) })),
  usage: z.object({ completion_tokens: z.number() }).nullish(),
})

/** Greedy, so that the same question has one answer. Never rejects. */
export async function ask(url: string, question: Question): Promise<Answer> {
  const askedAtMs = performance.now()
  const arrivedAtMs: number[] = []
  let [text, workerId, tokens] = ['', '', 0]
  const ended = (end: Answer['end'], reason: string): Answer => {
    return { end, reason, text, tokens, workerId, askedAtMs, arrivedAtMs, endedAtMs: performance.now() }
  }
  try {
    const response = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: bodyOf(question),
      ...(question.signal ? { signal: question.signal } : {}),
    })
    workerId = response.headers.get('x-mlx-mesh-worker') ?? ''
    if (!response.ok || !response.body) return ended('refused', messageOf(await response.json()))
    for await (const data of readEvents(response.body)) {
      if (data === null) continue
      if (data === '[DONE]') return ended('complete', '')
      const event: unknown = JSON.parse(data)
      if (failure.safeParse(event).success) return ended('failed', messageOf(event))
      const { choices, usage } = chunk.parse(event)
      tokens = usage?.completion_tokens ?? tokens
      const content = choices[0]?.delta.content ?? ''
      if (content === '') continue
      text += content
      arrivedAtMs.push(performance.now())
      question.onToken?.(arrivedAtMs.length, workerId)
      if (question.slowMs) await new Promise(resolve => setTimeout(resolve, question.slowMs))
    }
    return ended('broken', 'the stream ended without a last word')
  } catch (error) {
    return ended('broken', reasonOf(error))
  }
}

/** The longest time without a token, from the first one on. */
export function longestGapMs({ arrivedAtMs }: Answer): number {
  return arrivedAtMs.reduce((longest, at, i) => Math.max(longest, at - (arrivedAtMs[i - 1] ?? at)), 0)
}

function bodyOf({ model, prompt, maxTokens }: Question): string {
  return JSON.stringify({
    model,
    messages: [{ role: 'user', content: prompt }],
    max_tokens: maxTokens,
    temperature: 0,
    stream: true,
    stream_options: { include_usage: true },
  })
}

/** Throws when the error is not one that a user can read. */
function messageOf(body: unknown): string {
  const { error } = failure.parse(body)
  return `${error.code ?? 'error'}: ${error.message}`
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? `${error.message}: ${error.cause.message}` : error.message
}
