// What a response may call: `tools` and `tool_choice`, whose words are flatter than a chat's.
import { z } from 'zod'
import type { Tool } from '../../protocol/inference.ts'
import { maxTools, mustBeThere, refuseTwins, type ToolsAsked, toolName } from '../chat-tools.ts'
import { invalid } from '../errors.ts'
import { jsonSchema } from '../json-schema.ts'
import { listOf } from '../list-of.ts'

const tool = z.strictObject({
  type: z.literal('function', 'only tools of the type function are supported here'),
  name: toolName,
  description: z.string().nullish(),
  parameters: jsonSchema.nullish(),
  strict: z.boolean().nullish(),
  defer_loading: z.literal(false, 'every tool is loaded from the beginning here').nullish(),
  allowed_callers: listOf(z.literal('direct', 'only the model itself calls tools here')).nullish(),
})

const named = z.strictObject({ type: z.literal('function'), name: z.string() })
const allowed = z.strictObject({
  type: z.literal('allowed_tools'),
  mode: z.enum(['auto', 'required']),
  tools: listOf(named, { min: 1 }),
})

export const responseTools = {
  tools: listOf(tool, { max: maxTools }).optional(),
  tool_choice: z
    .union(
      [
        z.enum(['none', 'auto', 'required']),
        z.discriminatedUnion('type', [named, allowed], 'expected function or allowed_tools'),
      ],
      'expected none, auto, required, a function, or allowed_tools',
    )
    .optional(),
  parallel_tool_calls: z.boolean().optional(),
}

type ToolBody = z.infer<z.ZodObject<typeof responseTools>>

/** Throws HttpError 400 that names the parameter. */
export function toolsOf({
  tools: asked = [],
  tool_choice: choice,
  parallel_tool_calls,
}: ToolBody): ToolsAsked {
  const tools = asked.map(toolOf)
  refuseTwins(tools, i => `tools[${i}].name`)
  const parallel = parallel_tool_calls === undefined ? {} : { parallelToolCalls: parallel_tool_calls }
  if (tools.length === 0) {
    if (choice === undefined || choice === 'none' || choice === 'auto') return {}
    throw invalid('tool_choice', "'tool_choice' asks for a call of a tool, but there are no 'tools'.")
  }
  if (choice === undefined) return { tools, ...parallel }
  if (typeof choice === 'string') return { tools, toolChoice: choice, ...parallel }
  if (choice.type === 'function') {
    mustBeThere(tools, choice.name, 'tool_choice.name')
    return { tools, toolChoice: { name: choice.name }, ...parallel }
  }
  for (const [i, { name }] of choice.tools.entries()) mustBeThere(tools, name, `tool_choice.tools[${i}].name`)
  const names = new Set(choice.tools.map(({ name }) => name))
  return { tools: tools.filter(({ name }) => names.has(name)), toolChoice: choice.mode, ...parallel }
}

function toolOf({ name, description, parameters, strict }: z.infer<typeof tool>): Tool {
  return {
    name,
    ...(description == null ? {} : { description }),
    ...(parameters == null ? {} : { parameters }),
    ...(strict == null ? {} : { strict }),
  }
}
