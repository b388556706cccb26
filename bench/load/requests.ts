import type { LoadPlan } from './plan.ts'

export interface Chats {
  readonly url: string
  readonly model: string
  readonly tokens: number
  readonly streaming: boolean
  readonly connections: number
  readonly measureMs: number
}

/** Different chats: the beginning of one must not draw the others to the Mac that knows it, nor may two share an answer. */
const fewestChats = 500

/** Short chats, on each connection the next one when its answer is here. */
export function chats({ url, model, tokens, streaming, connections, measureMs }: Chats): LoadPlan {
  return {
    url: `${url}/v1/chat/completions`,
    bodies: Array.from({ length: Math.max(fewestChats, 2 * connections) }, (_, n) =>
      bodyOf(`${n} times: what is the capital of France?`),
    ),
    streaming,
    connections,
    pace: { type: 'closed' },
    stop: { type: 'time', warmupMs: measureMs / 3, measureMs },
    expectTokens: streaming ? tokens : null,
    drainMs: 10_000,
    watchPid: null,
  }

  function bodyOf(content: string): string {
    const messages = [{ role: 'user', content }]
    return JSON.stringify({
      model,
      max_tokens: tokens,
      temperature: 0,
      messages,
      ...(streaming ? { stream: true } : {}),
    })
  }
}
