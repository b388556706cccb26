import { z } from 'zod'
import { partBytes } from './parts.ts'

/** One message of a conversation; content parts have been joined into text by the gateway. */
const chatMessage = z.object({ role: z.string(), content: z.string() })
export type ChatMessage = z.infer<typeof chatMessage>

/** What is to be generated, and how. One request is one sequence: the gateway splits `n` and lists of prompts. */
const generation = z.object({
  messages: z.array(chatMessage).optional(),
  /** Text, or token ids. */
  prompt: z.union([z.string(), z.array(z.number().int().nonnegative())]).optional(),
  /** Absent: as many as the context has room for. */
  maxTokens: z.number().int().nonnegative().optional(),
  temperature: z.number().optional(),
  topP: z.number().optional(),
  topK: z.number().int().optional(),
  minP: z.number().optional(),
  seed: z.number().int().optional(),
  stop: z.array(z.string()).optional(),
  presencePenalty: z.number().optional(),
  frequencyPenalty: z.number().optional(),
  repetitionPenalty: z.number().optional(),
  logitBias: z.record(z.string(), z.number()).optional(),
  /** Alternatives to report for each token; absent: no log probabilities at all. */
  logprobs: z.number().int().min(0).max(20).optional(),
  /** Say the prompt again in front of the answer (legacy completions). */
  echo: z.boolean().optional(),
})
export type Generation = z.infer<typeof generation>

const rendering = z.object({ head: z.string(), tail: z.string() })

/** `worker.{id}.inference`. */
export const inferenceRequest = generation.extend({
  requestId: z.string(),
  modelId: z.string(),
  sessionId: z.string().optional(),
  /** The id that the client sees in `x-request-id`, for the logs of every process. */
  traceId: z.string().optional(),
  /**
   * The answer was begun on another Mac, which is lost: these tokens of it have been delivered with their text. It goes on
   * behind them, says nothing twice, and counts them in `index`, `totalTokens` and `maxTokens`.
   */
  resume: z.object({ ids: z.array(z.number().int().nonnegative()).min(1) }).optional(),
  /** Wanted by a gateway that streams: text comes as ready bytes, `head + JSON string + tail`, instead of JSON answers. */
  render: rendering.optional(),
})
export type InferenceRequest = z.infer<typeof inferenceRequest>

/** The longest request that travels, as it is encoded. */
export const maxRequestBytes = 20 * 1024 * 1024

/** `worker.{id}.large`: what a worker must know of a request before it has it. */
export const largeRequest = z.object({
  requestId: z.string(),
  sizeBytes: z.number().int().positive().max(maxRequestBytes),
  render: rendering.optional(),
  /** Those in `resume`. */
  deliveredTokens: z.number().int().nonnegative(),
})
export type LargeRequest = z.infer<typeof largeRequest>

/** `body.{requestId}`, answered with a part (`parts.ts`) of the encoded request. */
export const bodyReadRequest = z.object({
  offset: z.number().int().nonnegative(),
  length: z.number().int().positive().max(partBytes),
})
export type BodyReadRequest = z.infer<typeof bodyReadRequest>

/** `[text, UTF-8 bytes, natural logarithm of the probability]`, and for a generated token its alternatives. */
const alternative = z.tuple([z.string(), z.array(z.number()), z.number()])
export const tokenLogprob = z.tuple([
  z.string(),
  z.array(z.number()),
  z.number().nullable(),
  z.array(alternative),
])
export type TokenLogprob = z.infer<typeof tokenLogprob>

export const finishReason = z.enum(['stop', 'length', 'cancelled'])
export type FinishReason = z.infer<typeof finishReason>

/** `worker.{id}.cancel`. */
export const cancellation = z.object({ requestId: z.string() })
export type Cancellation = z.infer<typeof cancellation>

const sequenceNumbers = z.record(z.string(), z.number().int().nonnegative())

/**
 * `worker.{id}.ack`: for each request, `taken` is the number of answers that its client has taken: the worker forgets
 * them and may send as many more. Sent as a NATS request it is a probe: the worker says what it is doing, and sends again
 * what it keeps from the number in `missing` on. What has arrived but waits for the client lies between the two.
 */
export const acknowledgement = z.object({ taken: sequenceNumbers, missing: sequenceNumbers.optional() })
export type Acknowledgement = z.infer<typeof acknowledgement>

/** The answer to a probe: the state of each request asked about; one that is missing is unknown to the worker. */
export const probeAnswer = z.object({
  requests: z.record(
    z.string(),
    z.enum(['arriving', 'loading', 'queued', 'prefilling', 'generating', 'ended']),
  ),
})
export type ProbeAnswer = z.infer<typeof probeAnswer>
