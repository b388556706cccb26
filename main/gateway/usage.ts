export interface Usage {
  readonly prompt_tokens: number
  readonly completion_tokens: number
  readonly total_tokens: number
  readonly prompt_tokens_details: { readonly cached_tokens: number }
}

export function usageOf(figures: {
  readonly promptTokens: number
  readonly cachedTokens: number
  readonly generatedTokens: number
}): Usage {
  const { promptTokens, cachedTokens, generatedTokens } = figures
  return {
    prompt_tokens: promptTokens,
    completion_tokens: generatedTokens,
    total_tokens: promptTokens + generatedTokens,
    prompt_tokens_details: { cached_tokens: cachedTokens },
  }
}
