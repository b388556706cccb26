import type { Choice } from './plan.ts'

/** Of the answers to each prompt the `n` that the model found likeliest, token by token; the best one first. */
export function bestOf(
  all: readonly Choice[],
  { n, of, withLogprobs }: { readonly n: number; readonly of: number; readonly withLogprobs: boolean },
): Choice[] {
  const best: Choice[] = []
  for (let from = 0; from < all.length; from += of) {
    const ranked = all.slice(from, from + of).sort((a, b) => b.meanLogprob - a.meanLogprob)
    best.push(...ranked.slice(0, n))
  }
  return best.map((choice, index) => ({
    index,
    text: choice.text,
    reasoning: choice.reasoning,
    toolCalls: choice.toolCalls,
    logprobs: withLogprobs ? choice.logprobs : null,
    textLogprobs: choice.textLogprobs,
    meanLogprob: choice.meanLogprob,
    finishReason: choice.finishReason,
  }))
}
