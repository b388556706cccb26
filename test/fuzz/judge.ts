// What an answer must look like in the words of the interface that gave it, whatever it was asked.
import { z } from 'zod'

type Interface = 'openai' | 'responses' | 'anthropic' | 'ollama'

const said = z.string().min(1)
const openaiError = z.object({
  error: z.object({ message: said, type: said, param: z.string().nullable(), code: z.string().nullable() }),
})
const errors = {
  openai: openaiError,
  responses: openaiError,
  anthropic: z.object({
    type: z.literal('error'),
    error: z.object({ type: said, message: said }),
    request_id: said,
  }),
  ollama: z.strictObject({ error: said }),
}

/** Before an error of the interface, a stream ends with one of these. */
const endings = {
  openai: /^data: \[DONE\]$/,
  responses: /^data: \{"type":"response\.(completed|incomplete|failed)"/,
  anthropic: /^data: \{"type":"message_stop"/,
  ollama: /^\{.*"done":true/,
}

export interface Answer {
  readonly status: number
  readonly contentType: string
  readonly text: string
}

/** What is wrong with the answer, or null. */
export function faultOf(path: string, answer: Answer): string | null {
  const spoken = interfaceOf(path)
  if (answer.status >= 500) return 'it is a failure of the server'
  if (answer.status >= 400) {
    return isError(spoken, answer.text) ? null : 'it does not explain itself as its interface does'
  }
  if (!/event-stream|ndjson/.test(answer.contentType)) return isJson(answer.text) ? null : 'it is not JSON'
  const last = answer.text.trimEnd().split('\n').at(-1) ?? ''
  if (endings[spoken].test(last) || isError(spoken, last.replace(/^data: /, ''))) return null
  return `its stream ends with ${last.slice(0, 200)}`
}

function interfaceOf(path: string): Interface {
  if (path.startsWith('/api/')) return 'ollama'
  if (path.startsWith('/v1/messages')) return 'anthropic'
  return path === '/v1/responses' ? 'responses' : 'openai'
}

function isError(spoken: Interface, text: string): boolean {
  return isJson(text) && errors[spoken].safeParse(JSON.parse(text)).success
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
