export interface Usage {
  readonly prompt_tokens: number
  readonly completion_tokens: number
  readonly total_tokens: number
  readonly prompt_tokens_details: { readonly cached_tokens: number }
  /** Of an answer for which the model has thought. */
  readonly completion_tokens_details?: { readonly reasoning_tokens: number }
}

export function usageOf(figures: {
  readonly promptTokens: number
  readonly cachedTokens: number
  readonly generatedTokens: number
  readonly reasoningTokens: number
}): Usage {
  const { promptTokens, cachedTokens, generatedTokens, reasoningTokens } = figures
  return {
    prompt_tokens: promptTokens,
    completion_tokens: generatedTokens,
    total_tokens: promptTokens + generatedTokens,
    prompt_tokens_details: { cached_tokens: cachedTokens },
    ...(reasoningTokens > 0 ? { completion_tokens_details: { reasoning_tokens: reasoningTokens } } : {}),
  }
}
