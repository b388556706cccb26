import { z } from 'zod'
import type { ChatMessage, ToolCall } from '../../protocol/inference.ts'
import { callArguments } from '../json-schema.ts'
import { listOf } from '../list-of.ts'
import { imagesOf } from './parameters.ts'

const name = z.string().min(1).max(256)

const toolCall = z.strictObject({
  id: name.nullish(),
  type: z.literal('function').nullish(),
  function: z.strictObject({
    index: z.number().nullish(),
    name,
    arguments: callArguments,
  }),
})

export const message = z.strictObject({
  role: z.enum(['system', 'user', 'assistant', 'tool']),
  content: z.string().nullish(),
  thinking: z.string().nullish(),
  images: listOf(z.string()).nullish(),
  tool_calls: listOf(toolCall, { max: 128 }).nullish(),
  tool_name: z.string().max(256).nullish(),
  tool_call_id: z.string().max(256).nullish(),
})

type Message = z.infer<typeof message>

/** Ollama's calls need no ids: those that are missing are made here, and results find theirs by its name or its place. */
export function conversationOf(messages: readonly Message[]): ChatMessage[] {
  let waiting: ToolCall[] = []
  return messages.map((asked, at) => {
    const { role, content, thinking } = asked
    const images = imagesOf(asked.images, `messages[${at}].images`)
    const said = { role, content: content ?? '', ...(images.length > 0 && { images }) }
    if (role === 'tool') return { ...said, ...answeredCall(asked) }
    if (role !== 'assistant') return said
    const toolCalls = (asked.tool_calls ?? []).map((call, i) => ({
      id: call.id || `call_${at}_${i}`,
      name: call.function.name,
      arguments: JSON.stringify(call.function.arguments),
    }))
    waiting = [...toolCalls]
    return { ...said, ...(thinking && { reasoning: thinking }), ...(toolCalls.length > 0 && { toolCalls }) }
  })

  function answeredCall({ tool_name, tool_call_id }: Message): Pick<ChatMessage, 'toolCallId' | 'name'> {
    const call =
      waiting.find(({ id }) => id === tool_call_id) ??
      (tool_name ? waiting.find(each => each.name === tool_name) : waiting[0])
    if (!call) return tool_name ? { name: tool_name } : {}
    waiting = waiting.filter(each => each !== call)
    return { toolCallId: call.id, name: call.name }
  }
}
