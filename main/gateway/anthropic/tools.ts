// The tools of a request, and whether the model may or must use them.
import { z } from 'zod'
import type { ToolChoice } from '../../protocol/inference.ts'
import { mustBeThere, refuseTwins, type ToolsAsked } from '../asked-tools.ts'
import { invalid } from '../errors.ts'
import { jsonSchema } from '../json-schema.ts'
import { listOf } from '../list-of.ts'

const tool = z.strictObject({
  type: z
    .literal('custom', "only tools of the type custom are possible: Anthropic's own run on its servers")
    .nullish(),
  name: z.string().regex(/^[\w-]{1,128}$/, 'expected 1 to 128 letters, digits, underscores and hyphens'),
  description: z.string().nullish(),
  input_schema: jsonSchema,
  strict: z.boolean().nullish(),
  cache_control: z.unknown().optional(),
  eager_input_streaming: z.unknown().optional(),
  defer_loading: z.literal(false, 'every tool is loaded from the beginning here').nullish(),
  allowed_callers: z.array(z.literal('direct', 'only the model itself calls tools here')).nullish(),
})

const parallel = { disable_parallel_tool_use: z.boolean().nullish() }

const choice = z.discriminatedUnion(
  'type',
  [
    z.strictObject({ type: z.literal('auto'), ...parallel }),
    z.strictObject({ type: z.literal('any'), ...parallel }),
    z.strictObject({ type: z.literal('tool'), name: z.string(), ...parallel }),
    z.strictObject({ type: z.literal('none') }),
  ],
  'expected auto, any, tool or none',
)

export const toolParameters = {
  tools: listOf(tool).optional(),
  tool_choice: choice.optional(),
}

type ToolParameters = z.infer<z.ZodObject<typeof toolParameters>>

/** Throws HttpError 400 when a tool must be called that is not there. */
export function toolsOf({ tools = [], tool_choice: choice }: ToolParameters): ToolsAsked {
  if (tools.length === 0) {
    if (choice?.type === 'any' || choice?.type === 'tool')
      throw invalid('tool_choice', "'tool_choice' asks for a call, but there are no 'tools'.")
    return {}
  }
  refuseTwins(tools, i => `tools[${i}].name`)
  if (choice?.type === 'tool') mustBeThere(tools, choice.name, 'tool_choice.name')
  return {
    tools: tools.map(each => ({
      name: each.name,
      ...(each.description != null && { description: each.description }),
      parameters: each.input_schema,
      ...(each.strict != null && { strict: each.strict }),
    })),
    ...(choice && { toolChoice: choiceOf(choice) }),
    ...(choice && choice.type !== 'none' && choice.disable_parallel_tool_use && { parallelToolCalls: false }),
  }
}

function choiceOf(given: z.infer<typeof choice>): ToolChoice {
  if (given.type === 'tool') return { name: given.name }
  return given.type === 'any' ? 'required' : given.type
}
