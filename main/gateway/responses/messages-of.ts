// A conversation of items as the messages that a chat template knows.
import type { ChatMessage, ToolCall } from '../../protocol/inference.ts'
import { invalid } from '../errors.ts'
import type { AnswerItem, Item } from './items.ts'

/** What an assistant has thought, said and called in one turn is one message. Throws HttpError 400. */
export function messagesOf(instructions: string | undefined, items: readonly Item[]): ChatMessage[] {
  const messages: ChatMessage[] = []
  if (instructions !== undefined) messages.push({ role: 'system', content: instructions })
  /** Names of the functions that were called, by the id of the call. */
  const called = new Map<string, string>()
  let turn: Turn | null = null
  for (const item of items) {
    if (isOfAssistant(item)) {
      if (!turn?.takes(item)) {
        turn = new Turn()
        messages.push(turn.message)
      }
      turn.add(item)
      if (item.type === 'function_call') called.set(item.call_id, item.name)
      continue
    }
    turn = null
    messages.push(item.type === 'message' ? messageOf(item) : resultOf(item, called))
  }
  return messages
}

function isOfAssistant(item: Item): item is AnswerItem {
  return item.type === 'function_call' || item.type === 'reasoning' || isSaying(item)
}

function isSaying(item: Item): item is Extract<Item, { role: 'assistant' }> {
  return item.type === 'message' && item.role === 'assistant'
}

class Turn {
  readonly message: ChatMessage & { toolCalls?: ToolCall[] } = { role: 'assistant', content: '' }

  /** Thinking comes before words, and words come before calls. */
  takes({ type }: AnswerItem): boolean {
    if (type === 'function_call') return true
    const { content, toolCalls, reasoning } = this.message
    return content === '' && toolCalls === undefined && (type === 'message' || reasoning === undefined)
  }

  add(item: AnswerItem): void {
    const { message } = this
    if (item.type === 'message') message.content = textOf(item)
    else if (item.type === 'reasoning') message.reasoning = thoughtOf(item)
    else {
      message.toolCalls ??= []
      message.toolCalls.push({ id: item.call_id, name: item.name, arguments: item.arguments })
    }
  }
}

/** The text itself goes before a summary of it. */
function thoughtOf({ content, summary }: Extract<Item, { type: 'reasoning' }>): string {
  return (content.length > 0 ? content : summary).map(({ text }) => text).join('')
}

function textOf({ content }: Extract<Item, { type: 'message'; role: 'assistant' }>): string {
  return content.map(part => (part.type === 'refusal' ? part.refusal : part.text)).join('')
}

type Given = Exclude<Extract<Item, { type: 'message' }>, { role: 'assistant' }>

/** `developer` is OpenAI's newer word for what chat templates call `system`. */
function messageOf({ role, content }: Given): ChatMessage {
  const images = content.flatMap(part => (part.type === 'input_image' ? [part.image_url] : []))
  return {
    role: role === 'developer' ? 'system' : role,
    content: content.map(part => (part.type === 'input_text' ? part.text : '')).join(''),
    ...(images.length > 0 ? { images } : {}),
  }
}

function resultOf(
  { call_id, output }: Extract<Item, { type: 'function_call_output' }>,
  called: ReadonlyMap<string, string>,
): ChatMessage {
  const name = called.get(call_id)
  if (name === undefined)
    throw invalid('input', `No tool call found for function call output with call_id ${call_id}.`)
  const content = typeof output === 'string' ? output : output.map(({ text }) => text).join('')
  return { role: 'tool', content, toolCallId: call_id, name }
}
