// The items of a conversation, as the Responses API words them: what a request may bring, and what is kept of it.
import { randomUUID } from 'node:crypto'
import { z } from 'zod'
import { faultOfImageUrl } from '../images.ts'
import { listOf } from '../list-of.ts'
import { isObject } from '../parameters.ts'

const ignored = z.unknown().optional()
const id = z.string().min(1).max(256).nullish()
/** Where an item has got to: all that comes in is as complete as it will be. */
const common = { id, status: ignored }

const inputText = z.strictObject({
  type: z.literal('input_text'),
  text: z.string(),
  prompt_cache_breakpoint: ignored,
})
const outputText = z.strictObject({
  type: z.literal('output_text'),
  text: z.string(),
  annotations: ignored,
  logprobs: ignored,
  // What OpenAI's clients have made of the text, beside it.
  parsed: ignored,
})
const refusal = z.strictObject({ type: z.literal('refusal'), refusal: z.string() })
const noFile = z
  .null("files are not kept here: send the image itself as a data URI in 'image_url'")
  .optional()
const inputImage = z.strictObject({
  type: z.literal('input_image'),
  image_url: z.string().check(({ value, issues }) => {
    const message = faultOfImageUrl(value)
    if (message !== null) issues.push({ code: 'custom', message, input: undefined })
  }),
  file_id: noFile,
  detail: ignored,
  prompt_cache_breakpoint: ignored,
})
const part = z.discriminatedUnion('type', [inputText, outputText, refusal, inputImage], {
  error: 'only input_text, output_text, refusal and input_image are supported here',
})

const message = z.strictObject({
  ...common,
  type: z.literal('message'),
  role: z.enum(['user', 'assistant', 'system', 'developer']),
  content: z.union([z.string(), listOf(part)], 'expected a string or a list of parts'),
  phase: ignored,
})
const functionCall = z.strictObject({
  ...common,
  type: z.literal('function_call'),
  call_id: z.string().min(1),
  name: z.string().min(1),
  arguments: z.string(),
  parsed_arguments: ignored,
})
const functionCallOutput = z.strictObject({
  ...common,
  type: z.literal('function_call_output'),
  call_id: z.string().min(1),
  output: z.union([z.string(), listOf(inputText)], 'expected a string or a list of input_text parts'),
})
const reasoning = z.strictObject({
  ...common,
  type: z.literal('reasoning'),
  summary: listOf(z.strictObject({ type: z.literal('summary_text'), text: z.string() })).nullish(),
  content: listOf(z.strictObject({ type: z.literal('reasoning_text'), text: z.string() })).nullish(),
  encrypted_content: z.null('what another server has encrypted cannot be read here').optional(),
})
const itemReference = z.strictObject({ type: z.literal('item_reference'), id: z.string().min(1) })

/** Clients may leave out the type of a message, and of a reference. */
export const inputItem = z.preprocess(
  withType,
  z.discriminatedUnion('type', [message, functionCall, functionCallOutput, reasoning, itemReference], {
    error:
      'only message, function_call, function_call_output, reasoning and item_reference are supported here',
  }),
)
export type InputItem = z.infer<typeof inputItem>

function withType(item: unknown): unknown {
  if (!isObject(item) || (Reflect.get(item, 'type') ?? null) !== null) return item
  return { ...item, type: 'role' in item ? 'message' : 'item_reference' }
}

/** An item as it is kept and shown: complete, with an id. */
export type Item = MessageItem | AnswerItem | FunctionCallOutputItem

/** What a model adds to a conversation. */
export type AnswerItem = AssistantItem | ReasoningItem | FunctionCallItem

export type ItemStatus = 'in_progress' | 'completed' | 'incomplete'

interface MessageItem {
  readonly id: string
  readonly type: 'message'
  readonly role: 'user' | 'system' | 'developer'
  readonly status: ItemStatus
  readonly content: readonly InputPart[]
}

type InputPart = InputText | { type: 'input_image'; image_url: string; detail: 'auto' }
type InputText = { type: 'input_text'; text: string }

export interface OutputText {
  readonly type: 'output_text'
  text: string
  readonly annotations: readonly unknown[]
  readonly logprobs: readonly unknown[]
}

interface AssistantItem {
  readonly id: string
  readonly type: 'message'
  readonly role: 'assistant'
  status: ItemStatus
  readonly content: (OutputText | { type: 'refusal'; refusal: string })[]
}

interface ReasoningItem {
  readonly id: string
  readonly type: 'reasoning'
  status: ItemStatus
  readonly summary: readonly { type: 'summary_text'; text: string }[]
  readonly content: { type: 'reasoning_text'; text: string }[]
}

interface FunctionCallItem {
  readonly id: string
  readonly type: 'function_call'
  readonly call_id: string
  readonly name: string
  arguments: string
  status: ItemStatus
}

interface FunctionCallOutputItem {
  readonly id: string
  readonly type: 'function_call_output'
  readonly call_id: string
  readonly output: string | readonly InputText[]
  readonly status: ItemStatus
}

const prefixes = {
  message: 'msg',
  function_call: 'fc',
  function_call_output: 'fco',
  reasoning: 'rs',
} as const

/** `msg_0123…` */
export function makeItemId(type: Item['type']): string {
  return `${prefixes[type]}_${randomUUID().replaceAll('-', '')}`
}

/** What is kept of an item that a request brings. */
export function completeItem(given: Exclude<InputItem, { type: 'item_reference' }>): Item {
  const common = { id: given.id ?? makeItemId(given.type), status: 'completed' as const }
  switch (given.type) {
    case 'message':
      return messageItem(given, common)
    case 'function_call': {
      const { type, call_id, name, arguments: text } = given
      return { ...common, type, call_id, name, arguments: text }
    }
    case 'function_call_output': {
      const { type, call_id, output } = given
      return { ...common, type, call_id, output: typeof output === 'string' ? output : output.map(textOnly) }
    }
    case 'reasoning': {
      const { type, summary, content } = given
      return { ...common, type, summary: summary ?? [], content: content ?? [] }
    }
  }
}

function messageItem(
  { type, role, content }: z.infer<typeof message>,
  common: { readonly id: string; readonly status: ItemStatus },
): Item {
  if (role === 'assistant') {
    const parts = typeof content === 'string' ? [{ type: 'output_text' as const, text: content }] : content
    return { ...common, type, role, content: parts.flatMap(asOutput) }
  }
  const parts = typeof content === 'string' ? [{ type: 'input_text' as const, text: content }] : content
  return { ...common, type, role, content: parts.map(asInput) }
}

type Part = z.infer<typeof part>

/** Clients mix up the words for texts; what was said, and by whom, is the same. */
function asInput(given: Part): InputPart {
  if (given.type === 'input_image') return { type: given.type, image_url: given.image_url, detail: 'auto' }
  return { type: 'input_text', text: given.type === 'refusal' ? given.refusal : given.text }
}

function asOutput(given: Part): AssistantItem['content'] {
  if (given.type === 'input_image') return []
  if (given.type === 'refusal') return [{ type: 'refusal', refusal: given.refusal }]
  return [{ type: 'output_text', text: given.text, annotations: [], logprobs: [] }]
}

function textOnly({ type, text }: InputText): InputText {
  return { type, text }
}
