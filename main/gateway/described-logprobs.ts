import type { TokenLogprob } from '../protocol/inference.ts'

/** The log probabilities of tokens in the words that OpenAI's chats and responses, and Ollama, have in common. */
export function describeLogprobs(tokens: readonly TokenLogprob[]) {
  return tokens.map(([token, bytes, logprob, alternatives]) => ({
    token,
    logprob: logprob ?? 0,
    bytes,
    top_logprobs: alternatives.map(([text, textBytes, value]) => ({
      token: text,
      logprob: value,
      bytes: textBytes,
    })),
  }))
}
