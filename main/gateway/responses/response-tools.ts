// What a response may call: `tools` and `tool_choice`, whose words are flatter than a chat's.
import { z } from 'zod'
import { askedTools, functionParameters, maxTools, type ToolsAsked, toolOf } from '../asked-tools.ts'
import { listOf } from '../list-of.ts'

const tool = z.strictObject({
  type: z.literal('function', 'only tools of the type function are supported here'),
  ...functionParameters,
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
export function toolsOf({ tools = [], tool_choice, parallel_tool_calls }: ToolBody): ToolsAsked {
  const asked = { tools: tools.map(toolOf), choice: choiceOf(tool_choice), parallel: parallel_tool_calls }
  return askedTools(asked, {
    name: i => `tools[${i}].name`,
    chosen: 'tool_choice.name',
    allowed: i => `tool_choice.tools[${i}].name`,
  })
}

function choiceOf(choice: ToolBody['tool_choice']) {
  if (typeof choice !== 'object') return choice
  if (choice.type === 'function') return { name: choice.name }
  return { mode: choice.mode, names: choice.tools.map(({ name }) => name) }
}
