// The conversation of a chat: its messages as clients write them, and as they travel.
import { z } from 'zod'
import type { ChatMessage, ToolCall } from '../protocol/inference.ts'
import { type HttpError, invalid } from './errors.ts'
import { faultOfImageUrl } from './images.ts'
import { listOf } from './list-of.ts'

const roles = ['system', 'developer', 'user', 'assistant', 'tool', 'function'] as const
const absent = z.union([z.null(), z.array(z.unknown()).max(0)], 'this is not supported here yet').optional()
/** Marks where a cache may begin: here every beginning is kept that is used again. */
const ignored = z.unknown().optional()
const maxCalls = 128
const anyName = z.string().min(1).max(256)

const part = z.discriminatedUnion(
  'type',
  [
    z.strictObject({ type: z.literal('text'), text: z.string(), prompt_cache_breakpoint: ignored }),
    z.strictObject({
      type: z.literal('image_url'),
      image_url: z.strictObject({
        url: z.string().check(({ value, issues }) => {
          const message = faultOfImageUrl(value)
          if (message !== null) issues.push({ code: 'custom', message, input: undefined })
        }),
        detail: z.string().nullish(),
      }),
      prompt_cache_breakpoint: ignored,
    }),
  ],
  'only parts of the types text and image_url are supported here',
)

/** What OpenAI's clients have made of an answer's text, beside it: the text is what counts. */
const parsed = z.unknown().optional()
const call = z.strictObject({ name: anyName, arguments: z.string(), parsed_arguments: parsed })

const toolCall = z.strictObject({
  id: anyName,
  type: z.literal('function', 'only calls of functions are supported here').optional(),
  function: call,
  // As clients put together what was streamed.
  index: z.unknown().optional(),
})

export const message = z.strictObject({
  role: z.enum(roles),
  content: z
    .union([z.string(), listOf(part)], 'expected a string or a list of text and image_url parts')
    .nullish(),
  name: anyName.nullish(),
  tool_calls: listOf(toolCall, { max: maxCalls }).nullish(),
  tool_call_id: anyName.nullish(),
  function_call: call.nullish(),
  reasoning_content: z.string().nullish(),
  /** Another word for the same. */
  reasoning: z.string().nullish(),
  // What clients copy from an earlier answer into the conversation.
  refusal: absent,
  annotations: absent,
  audio: absent,
  parsed,
})

type Message = z.infer<typeof message>

/** Throws HttpError 400 that names what is wrong in the order or the parts of the conversation. */
export function messagesOf(messages: readonly Message[]): ChatMessage[] {
  /** Calls that a message of the role `tool` may answer. */
  let calls: readonly ToolCall[] = []
  return messages.map((asked, i) => {
    refuseMisplaced(asked, i)
    const { role } = asked
    const said = { content: textOf(asked), ...imagesOf(asked), ...nameOf(asked) }
    if (role === 'assistant') {
      calls = callsOf(asked, i)
      const reasoning = asked.reasoning_content ?? asked.reasoning
      return {
        role,
        ...said,
        ...(reasoning ? { reasoning } : {}),
        ...(calls.length > 0 ? { toolCalls: [...calls] } : {}),
      }
    }
    if (role === 'tool' || role === 'function') {
      const answered = calls.find(({ id, name }) =>
        role === 'tool' ? id === asked.tool_call_id : name === asked.name,
      )
      if (!answered) throw unasked(asked, i)
      return { role: 'tool', content: said.content, toolCallId: answered.id, name: answered.name }
    }
    // `developer` is OpenAI's newer word for what chat templates call `system`.
    return { role: role === 'user' ? 'user' : 'system', ...said }
  })
}

function refuseMisplaced(asked: Message, i: number): void {
  const { role, content } = asked
  const isAssistant = role === 'assistant'
  const refuse = (key: string, message: string): HttpError =>
    invalid(`messages[${i}].${key}`, `Invalid value for 'messages[${i}].${key}': ${message}.`)
  for (const key of ['tool_calls', 'function_call', 'reasoning_content', 'reasoning'] as const) {
    const value = asked[key]
    if (isAssistant || !value || (typeof value === 'object' && 'length' in value && value.length === 0))
      continue
    throw refuse(key, `only messages of the role assistant have it, and this one is of the role ${role}`)
  }
  if (role !== 'tool' && asked.tool_call_id)
    throw refuse(
      'tool_call_id',
      `only messages of the role tool have it, and this one is of the role ${role}`,
    )
  if (role === 'tool' && !asked.tool_call_id)
    throw refuse('tool_call_id', 'a message of the role tool says which call it answers')
  if (role === 'function' && !asked.name)
    throw refuse('name', 'a message of the role function says which function it answers')
  if (role !== 'user' && typeof content === 'object')
    for (const [at, { type }] of (content ?? []).entries())
      if (type !== 'text') throw refuse(`content[${at}].type`, 'only messages of the role user have pictures')
  const isEmpty = content == null || (typeof content === 'object' && content.length === 0)
  const calls = (asked.tool_calls?.length ?? 0) > 0 || asked.function_call
  if (isEmpty && !(isAssistant && calls) && !(role === 'function' && content === null))
    throw refuse('content', 'expected a string or a list of text and image_url parts')
}

function textOf({ content }: Message): string {
  if (typeof content === 'string') return content
  return (content ?? []).map(one => (one.type === 'text' ? one.text : '')).join('')
}

function imagesOf({ content }: Message): { images?: string[] } {
  if (typeof content !== 'object' || content === null) return {}
  const images = content.flatMap(one => (one.type === 'image_url' ? [one.image_url.url] : []))
  return images.length > 0 ? { images } : {}
}

function nameOf({ name }: Message): { name?: string } {
  return name ? { name } : {}
}

/** A call in the older words has no id: its place in the conversation serves as one. */
function callsOf({ tool_calls, function_call }: Message, i: number): ToolCall[] {
  const calls = function_call ? [{ id: `call_${i}`, function: function_call }] : (tool_calls ?? [])
  return calls.map(({ id, function: { name, arguments: text } }) => ({ id, name, arguments: text }))
}

function unasked({ role }: Message, i: number): HttpError {
  const key = role === 'tool' ? 'tool_call_id' : 'name'
  const message = `messages[${i}].${key}: no message of the role assistant before it has made this call.`
  return invalid(`messages[${i}].${key}`, message)
}
