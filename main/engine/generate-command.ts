import type { EmbedRequest, GenerateRequest } from './engine.ts'

/** A request in the words of the runtime, which refuses fields that it does not know. */
export function generateCommand(id: number, request: GenerateRequest): Readonly<Record<string, unknown>> {
  const { prompt } = request
  return {
    op: 'generate',
    id,
    requestId: request.traceId,
    messages: request.messages,
    ...(typeof prompt === 'string' ? { prompt } : { tokens: prompt }),
    maxTokens: request.maxTokens,
    fitContext: request.fitContext,
    temperature: request.temperature,
    topP: request.topP,
    topK: request.topK,
    minP: request.minP,
    seed: request.seed,
    stop: request.stop,
    presencePenalty: request.presencePenalty,
    frequencyPenalty: request.frequencyPenalty,
    repetitionPenalty: request.repetitionPenalty,
    logitBias: request.logitBias,
    logprobs: request.logprobs,
    echo: request.echo,
    tools: request.tools,
    toolChoice: request.toolChoice,
    parallelToolCalls: request.parallelToolCalls,
    format: request.format,
    thinking: request.thinking,
    resume: request.resume?.ids,
  }
}

export function embedCommand(id: number, request: EmbedRequest): Readonly<Record<string, unknown>> {
  const { traceId: requestId, inputs, first, dimensions } = request
  return { op: 'embed', id, requestId, inputs, first, dimensions }
}
