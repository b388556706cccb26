// Anthropic's messages as the model is given them: what its blocks hold is spread over messages of their own.
import type { ChatMessage, ToolCall } from '../../protocol/inference.ts'
import { invalid } from '../errors.ts'
import type { AssistantBlock, ImageBlock, Message, SystemText, ToolResultBlock, UserBlock } from './blocks.ts'

/** Blocks are told apart where they come from, so they are paragraphs here. */
const betweenBlocks = '\n\n'

/** Throws HttpError 400 for a result of a call that was never made. */
export function conversationOf(messages: readonly Message[], system: SystemText | undefined): ChatMessage[] {
  const names = new Map<string, string>()
  const all: ChatMessage[] = []
  if (system !== undefined && system.length > 0) all.push({ role: 'system', content: joined(system) })
  for (const [index, message] of messages.entries()) {
    for (const each of messagesOf(message, index)) add(each)
  }
  return all

  function messagesOf(message: Message, index: number): ChatMessage[] {
    const { role } = message
    if (typeof message.content === 'string') return [{ role, content: message.content }]
    switch (message.role) {
      case 'system':
        return [{ role, content: joined(message.content) }]
      case 'assistant':
        return [assistantMessage(message.content, names)]
      case 'user':
        return userMessages(message.content, index, names)
    }
  }

  /** Neighbours of one role are one turn. */
  function add(message: ChatMessage): void {
    const before = all.at(-1)
    if (before?.role !== message.role || message.role === 'tool') all.push(message)
    else all[all.length - 1] = together(before, message)
  }
}

function joined(content: SystemText): string {
  return typeof content === 'string' ? content : content.map(({ text }) => text).join(betweenBlocks)
}

function together(first: ChatMessage, second: ChatMessage): ChatMessage {
  const reasoning = [first.reasoning, second.reasoning].filter(text => text !== undefined)
  return {
    role: first.role,
    content: [first.content, second.content].filter(text => text !== '').join(betweenBlocks),
    ...(reasoning.length > 0 && { reasoning: reasoning.join(betweenBlocks) }),
    ...listIn('toolCalls', [...(first.toolCalls ?? []), ...(second.toolCalls ?? [])]),
    ...listIn('images', [...(first.images ?? []), ...(second.images ?? [])]),
  }
}

function assistantMessage(blocks: readonly AssistantBlock[], names: Map<string, string>): ChatMessage {
  const texts: string[] = []
  const thoughts: string[] = []
  const toolCalls: ToolCall[] = []
  for (const block of blocks) {
    if (block.type === 'text') texts.push(block.text)
    else if (block.type === 'thinking') thoughts.push(block.thinking)
    else if (block.type === 'tool_use') {
      const { id, name, input } = block
      names.set(id, name)
      toolCalls.push({ id, name, arguments: JSON.stringify(input) })
    }
  }
  return {
    role: 'assistant',
    content: texts.join(betweenBlocks),
    ...(thoughts.length > 0 && { reasoning: thoughts.join(betweenBlocks) }),
    ...listIn('toolCalls', toolCalls),
  }
}

function userMessages(
  blocks: readonly UserBlock[],
  index: number,
  names: ReadonlyMap<string, string>,
): ChatMessage[] {
  const messages: ChatMessage[] = []
  let open: Extract<UserBlock, { type: 'text' | 'image' }>[] = []
  const close = () => {
    if (open.length > 0) messages.push({ role: 'user', ...textAndImages(open) })
    open = []
  }
  for (const [at, block] of blocks.entries()) {
    if (block.type !== 'tool_result') open.push(block)
    else {
      close()
      messages.push(resultMessage(block, names, `messages[${index}].content[${at}]`))
    }
  }
  close()
  return messages
}

function resultMessage(
  block: ToolResultBlock,
  names: ReadonlyMap<string, string>,
  where: string,
): ChatMessage {
  const { tool_use_id: toolCallId, is_error: isError, content } = block
  const name = names.get(toolCallId)
  if (name === undefined) {
    const message = `'${where}.tool_use_id' names no call of a tool in an earlier message of the assistant.`
    throw invalid(`${where}.tool_use_id`, message)
  }
  const said = typeof content === 'string' ? { content } : textAndImages(content ?? [])
  // No template has a place for it.
  const told = isError && !/^\W*error/i.test(said.content) ? `Error: ${said.content}` : said.content
  return { role: 'tool', ...said, content: told, toolCallId, name }
}

type TextOrImage = { readonly type: 'text'; readonly text: string } | ImageBlock

function textAndImages(blocks: readonly TextOrImage[]): { content: string; images?: string[] } {
  const texts = blocks.flatMap(block => (block.type === 'text' ? [block.text] : []))
  const images = blocks.flatMap(block => (block.type === 'image' ? [imageOf(block)] : []))
  return { content: texts.join(betweenBlocks), ...listIn('images', images) }
}

function imageOf({ source }: ImageBlock): string {
  return source.type === 'url' ? source.url : `data:${source.media_type};base64,${source.data}`
}

/** A list that is empty is left out. */
function listIn<Name extends string, T>(name: Name, list: T[]): { [key in Name]?: T[] } {
  const made: { [key in Name]?: T[] } = {}
  if (list.length > 0) made[name] = list
  return made
}
