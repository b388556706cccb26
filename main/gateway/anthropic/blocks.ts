// What messages are made of in Anthropic's interface.
import { z } from 'zod'
import { faultOfImageUrl, isWebAddress } from '../images.ts'
import { callArguments } from '../json-schema.ts'
import { listOf } from '../list-of.ts'

/** Marks where a cache may begin: here every beginning is kept that is used again. */
const cacheControl = z.unknown().optional()

const textBlock = z.strictObject({
  type: z.literal('text', 'only blocks of the type text are possible here'),
  text: z.string(),
  cache_control: cacheControl,
  citations: z.union([z.null(), z.array(z.unknown()).max(0)], 'citations are not supported here').optional(),
})

const base64Source = z.strictObject({
  type: z.literal('base64'),
  media_type: z.enum(['image/jpeg', 'image/png', 'image/gif', 'image/webp']),
  data: z.string().regex(/^[A-Za-z0-9+/]+={0,2}$/, 'expected base64'),
})

const urlSource = z.strictObject({
  type: z.literal('url'),
  url: z.string().check(({ value, issues }) => {
    const message = isWebAddress(value) ? faultOfImageUrl(value) : 'it is no address of the web'
    if (message !== null) issues.push({ code: 'custom', message, input: undefined })
  }),
})

const imageBlock = z.strictObject({
  type: z.literal('image'),
  source: z.discriminatedUnion(
    'type',
    [base64Source, urlSource],
    'only images of the types base64 and url are taken: files are not kept here',
  ),
  cache_control: cacheControl,
  transformations: z.null('images are taken as they are').optional(),
})

const directCaller = z.looseObject({
  type: z.literal('direct', 'only calls that the model made itself are possible here'),
})

const toolUseBlock = z.strictObject({
  type: z.literal('tool_use'),
  id: z.string().min(1),
  name: z.string().min(1),
  input: callArguments,
  cache_control: cacheControl,
  caller: directCaller.nullish(),
  toolset_name: z.null('sets of tools are not supported here').optional(),
})

const resultContent = z.union(
  [
    z.string(),
    listOf(
      z.discriminatedUnion(
        'type',
        [textBlock, imageBlock],
        'only blocks of the types text and image are possible in a result',
      ),
    ),
  ],
  'expected a string or a list of blocks',
)

const toolResultBlock = z.strictObject({
  type: z.literal('tool_result'),
  tool_use_id: z.string().min(1),
  content: resultContent.nullish(),
  is_error: z.boolean().nullish(),
  cache_control: cacheControl,
  toolset_name: z.null('sets of tools are not supported here').optional(),
})

const thinkingBlock = z.strictObject({
  type: z.literal('thinking'),
  thinking: z.string(),
  signature: z.string().nullish(),
})

/** Of a model elsewhere, which alone can read it. */
const redactedBlock = z.strictObject({ type: z.literal('redacted_thinking'), data: z.string() })

const userBlock = z.discriminatedUnion(
  'type',
  [textBlock, imageBlock, toolResultBlock],
  'only blocks of the types text, image and tool_result are supported in a message of the user',
)

const assistantBlock = z.discriminatedUnion(
  'type',
  [textBlock, toolUseBlock, thinkingBlock, redactedBlock],
  'only blocks of the types text, tool_use and thinking are supported in a message of the assistant',
)

const expected = 'expected a string or a list of blocks'
const textContent = z.union([z.string(), listOf(textBlock)], expected)

export const systemText = textContent

export const message = z.discriminatedUnion(
  'role',
  [
    z.strictObject({ role: z.literal('user'), content: z.union([z.string(), listOf(userBlock)], expected) }),
    z.strictObject({
      role: z.literal('assistant'),
      content: z.union([z.string(), listOf(assistantBlock)], expected),
    }),
    z.strictObject({ role: z.literal('system'), content: textContent }),
  ],
  'expected user, assistant or system',
)

export type Message = z.infer<typeof message>
export type UserBlock = z.infer<typeof userBlock>
export type AssistantBlock = z.infer<typeof assistantBlock>
export type ImageBlock = z.infer<typeof imageBlock>
export type ToolResultBlock = z.infer<typeof toolResultBlock>
export type SystemText = z.infer<typeof systemText>
