import type { FinishReason } from '../../protocol/inference.ts'
import type { Choice, PromptFigures, Shape } from '../plan.ts'
import { argumentsOf } from '../tool-arguments.ts'
import type { Usage } from '../usage.ts'
import { makeEvent } from './dialect.ts'
import { createStreamBlocks, renderFirst } from './stream-blocks.ts'

export interface MessageHeader {
  readonly id: string
  readonly model: string
  /** Whether what the model thinks is told. */
  readonly tellsThinking: boolean
  /** An answer that is cut off before has filled the model's context. */
  readonly maxTokens: number
}

/** Anthropic's message, whole and in events; it has one choice only. */
export function createMessageShape({ id, model, tellsThinking, maxTokens }: MessageHeader): Shape {
  const blocks = createStreamBlocks(tellsThinking)
  const common = { id, type: 'message', role: 'assistant', model }
  let stop: Stop = { stop_reason: null, stop_sequence: null }

  return {
    render: renderFirst,
    rendered: (_, event) => blocks.addRendered(event),
    opening: (_, prompt) => {
      const usage = { ...inputOf(prompt), output_tokens: 0 }
      return makeEvent({ type: 'message_start', message: { ...common, content: [], ...stop, usage } })
    },
    text: (_, text) => blocks.add({ type: 'text', text }),
    pieces: (_, pieces) => pieces.map(piece => blocks.add(piece)).join(''),
    closing: (_, finishReason, stopString) => {
      stop = stopOf(finishReason, stopString)
      return blocks.leave()
    },
    end: usage =>
      makeEvent({ type: 'message_delta', delta: limitOf(stop, usage, maxTokens), usage: usageOf(usage) }) +
      makeEvent({ type: 'message_stop' }),
    whole: ([choice], usage) =>
      choice && {
        ...common,
        content: contentOf(choice, tellsThinking),
        ...limitOf(stopOf(choice.finishReason, choice.stop), usage, maxTokens),
        usage: usageOf(usage),
      },
  }
}

interface Stop {
  readonly stop_reason: string | null
  readonly stop_sequence: string | null
}

function stopOf(finishReason: FinishReason, stop: string | undefined): Stop {
  if (stop !== undefined) return { stop_reason: 'stop_sequence', stop_sequence: stop }
  const reason = { stop: 'end_turn', length: 'max_tokens', tool_calls: 'tool_use', cancelled: 'end_turn' }
  return { stop_reason: reason[finishReason], stop_sequence: null }
}

function limitOf(stop: Stop, { completion_tokens }: Usage, maxTokens: number): Stop {
  if (stop.stop_reason !== 'max_tokens' || completion_tokens >= maxTokens) return stop
  return { ...stop, stop_reason: 'model_context_window_exceeded' }
}

function contentOf({ text, reasoning, toolCalls }: Choice, tellsThinking: boolean) {
  const thinking = tellsThinking ? reasoning : ''
  return [
    ...(reasoning === null ? [] : [{ type: 'thinking', thinking, signature: '' }]),
    ...(text === '' ? [] : [{ type: 'text', text, citations: null }]),
    ...toolCalls.map(call => ({
      type: 'tool_use',
      id: call.id,
      name: call.name,
      input: argumentsOf(call.arguments),
    })),
  ]
}

/** What a cache held is not among the input tokens. */
function inputOf({ promptTokens, cachedTokens }: PromptFigures) {
  return {
    input_tokens: promptTokens - cachedTokens,
    cache_creation_input_tokens: 0,
    cache_read_input_tokens: cachedTokens,
  }
}

function usageOf({ prompt_tokens, prompt_tokens_details, completion_tokens, ...more }: Usage) {
  const prompt = { promptTokens: prompt_tokens, cachedTokens: prompt_tokens_details.cached_tokens }
  const thinking = more.completion_tokens_details?.reasoning_tokens
  return {
    ...inputOf(prompt),
    output_tokens: completion_tokens,
    ...(thinking !== undefined && { output_tokens_details: { thinking_tokens: thinking } }),
  }
}
