/** What one event of a streamed completion, of the chat or the legacy kind, says to a client. */
export interface CompletionEvent {
  readonly text: string
  /** Generated tokens so far, where the event carries `usage`. */
  readonly completionTokens: number | null
  readonly error: string | null
}

interface Chunk {
  readonly choices?: readonly {
    readonly text?: string | null
    readonly delta?: { readonly content?: string | null }
  }[]
  readonly usage?: { readonly completion_tokens?: number } | null
  readonly error?: { readonly message?: string } | string
}

/** Throws when the event is not JSON. */
export function readCompletionEvent(data: string): CompletionEvent {
  const chunk: Chunk = JSON.parse(data)
  const choice = chunk.choices?.[0]
  const error = typeof chunk.error === 'string' ? chunk.error : chunk.error?.message
  return {
    text: choice?.delta?.content ?? choice?.text ?? '',
    completionTokens: chunk.usage?.completion_tokens ?? null,
    error: error ?? null,
  }
}
