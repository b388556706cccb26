import { z } from 'zod'
import { partBytes } from './parts.ts'

const jsonObject = z.record(z.string(), z.unknown())

/** `arguments` is JSON as the model wrote it, which may not be what it should. */
const toolCall = z.object({ id: z.string(), name: z.string(), arguments: z.string() })
export type ToolCall = z.infer<typeof toolCall>

/** One message of a conversation; text parts have been joined by the gateway. */
const chatMessage = z.object({
  role: z.string(),
  content: z.string(),
  /** What the model had thought before it said `content`. */
  reasoning: z.string().optional(),
  toolCalls: z.array(toolCall).optional(),
  /** Of a message of the role `tool`: the call that it answers. */
  toolCallId: z.string().optional(),
  name: z.string().optional(),
  /** Each as a data URI, in the order in which they stand in the message. */
  images: z.array(z.string()).optional(),
})
export type ChatMessage = z.infer<typeof chatMessage>

/** A function that the model may call; `parameters` is the JSON schema of its arguments. */
const tool = z.object({
  name: z.string(),
  description: z.string().optional(),
  parameters: jsonObject.optional(),
  /** The arguments keep to the schema, whatever the model would say. */
  strict: z.boolean().optional(),
})
/** @public */
export type Tool = z.infer<typeof tool>

const toolChoice = z.union([z.enum(['auto', 'none', 'required']), z.object({ name: z.string() })])
/** @public */
export type ToolChoice = z.infer<typeof toolChoice>

/** What the client called it, for complaints about what it says. */
const named = { param: z.string().optional() }

/** What the answer, behind its thinking, has to look like. */
const outputFormat = z.discriminatedUnion('type', [
  z.object({ ...named, type: z.literal('json_object') }),
  z.object({ ...named, type: z.literal('json_schema'), schema: z.union([jsonObject, z.boolean()]) }),
  z.object({ ...named, type: z.literal('regex'), pattern: z.string() }),
  z.object({ ...named, type: z.literal('lark'), grammar: z.string() }),
])
/** @public */
export type OutputFormat = z.infer<typeof outputFormat>

/** For models that can think before they answer; absent: as the model's template does by itself. */
const thinking = z.object({ enabled: z.boolean().optional(), effort: z.string().optional() })
/** @public */
export type Thinking = z.infer<typeof thinking>

/** The most inputs of one request to a Mac. */
export const maxInputs = 2048

/** Asked of a model that makes vectors of texts, in place of all that is said about generating. */
const embedding = z.object({
  /** Each is text, or token ids. */
  inputs: z
    .array(z.union([z.string(), z.array(z.number().int().nonnegative())]))
    .min(1)
    .max(maxInputs),
  /** The number of the first of them among those of the user, who is told which input is at fault. */
  first: z.number().int().nonnegative().optional(),
  /** Absent: as many as the model makes. */
  dimensions: z.number().int().positive().optional(),
})
export type Embedding = z.infer<typeof embedding>

/** What is to be generated, and how. One request is one sequence: the gateway splits `n` and lists of prompts. */
const generation = z.object({
  messages: z.array(chatMessage).optional(),
  /** Text, or token ids. */
  prompt: z.union([z.string(), z.array(z.number().int().nonnegative())]).optional(),
  /** Absent: as many as the context has room for. */
  maxTokens: z.number().int().nonnegative().optional(),
  /** `maxTokens` is a bound: where the context has room for fewer, so many. Without it such a request is refused. */
  fitContext: z.boolean().optional(),
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
  tools: z.array(tool).optional(),
  /** Absent: `auto`. */
  toolChoice: toolChoice.optional(),
  /** Absent: true. */
  parallelToolCalls: z.boolean().optional(),
  format: outputFormat.optional(),
  thinking: thinking.optional(),
  embedding: embedding.optional(),
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
  /** For tracing tools, where its gateway traces it: the span that sends it (`trace-context.ts`). */
  traceparent: z.string().optional(),
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

/**
 * What a step has added to an answer, where that is not just text. A `call` begins a call of a tool; the `arguments` behind
 * it are its own, and joined they are JSON.
 */
export const piece = z.discriminatedUnion('type', [
  z.object({ type: z.literal('text'), text: z.string() }),
  z.object({ type: z.literal('reasoning'), text: z.string() }),
  z.object({ type: z.literal('call'), id: z.string(), name: z.string() }),
  z.object({ type: z.literal('arguments'), text: z.string() }),
])
export type Piece = z.infer<typeof piece>

export const finishReason = z.enum(['stop', 'length', 'tool_calls', 'cancelled'])
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
