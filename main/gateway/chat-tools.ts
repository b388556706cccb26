// What a chat may call: `tools` and `tool_choice`, and the older words for the same, `functions` and `function_call`.
import { z } from 'zod'
import type { Tool, ToolChoice } from '../protocol/inference.ts'
import { HttpError, invalid } from './errors.ts'
import { jsonSchema } from './json-schema.ts'
import { listOf } from './list-of.ts'

export const maxTools = 128
export const toolName = z
  .string()
  .regex(/^[a-zA-Z0-9_-]{1,64}$/, 'expected up to 64 letters, digits, underscores and hyphens')

const functionOf = z.strictObject({
  name: toolName,
  description: z.string().nullish(),
  parameters: jsonSchema.nullish(),
  strict: z.boolean().nullish(),
})

const tool = z.strictObject({
  type: z.literal('function', 'only tools of the type function are supported here'),
  function: functionOf,
})

const named = z.strictObject({
  type: z.literal('function'),
  function: z.strictObject({ name: z.string() }),
})

const allowed = z.strictObject({
  type: z.literal('allowed_tools'),
  allowed_tools: z.strictObject({ mode: z.enum(['auto', 'required']), tools: listOf(named, { min: 1 }) }),
})

export const toolParameters = {
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
  functions: listOf(functionOf, { max: maxTools }).optional(),
  function_call: z
    .union(
      [z.enum(['none', 'auto']), z.strictObject({ name: z.string() })],
      "expected none, auto, or a function's name",
    )
    .optional(),
}

type ToolBody = z.infer<z.ZodObject<typeof toolParameters>>

export interface ToolsAsked {
  readonly tools?: Tool[]
  readonly toolChoice?: ToolChoice
  readonly parallelToolCalls?: boolean
}

/** Whether it is asked in the older words, and is answered in them. */
export function asksForFunctions({ functions, tools }: ToolBody): boolean {
  return !tools?.length && functions !== undefined && functions.length > 0
}

/** Throws HttpError 400 that names the parameter. */
export function toolsOf(body: ToolBody): ToolsAsked {
  if (body.functions?.length && body.tools?.length) {
    const message = "'functions' is the older word for 'tools': send only 'tools'."
    throw invalid('functions', message, 'invalid_parameter_combination')
  }
  if (asksForFunctions(body)) return functionsOf(body)
  refuseOlderWord(body)
  const tools = (body.tools ?? []).map(({ function: asked }) => toolOf(asked))
  refuseTwins(tools, i => `tools[${i}].function.name`)
  const { tool_choice: choice, parallel_tool_calls } = body
  const parallel = parallel_tool_calls === undefined ? {} : { parallelToolCalls: parallel_tool_calls }
  if (tools.length === 0) {
    if (choice === undefined || choice === 'none' || choice === 'auto') return {}
    throw invalid('tool_choice', "'tool_choice' asks for a call of a tool, but there are no 'tools'.")
  }
  if (choice === undefined) return { tools, ...parallel }
  if (typeof choice === 'string') return { tools, toolChoice: choice, ...parallel }
  if (choice.type === 'function') {
    const { name } = choice.function
    mustBeThere(tools, name, 'tool_choice.function.name')
    return { tools, toolChoice: { name }, ...parallel }
  }
  const { mode, tools: some } = choice.allowed_tools
  for (const [i, { function: one }] of some.entries())
    mustBeThere(tools, one.name, `tool_choice.allowed_tools.tools[${i}].function.name`)
  const names = new Set(some.map(one => one.function.name))
  return { tools: tools.filter(({ name }) => names.has(name)), toolChoice: mode, ...parallel }
}

/** Throws HttpError 400 where it would change what the model may call. */
function refuseOlderWord({ function_call: choice, tools }: ToolBody): void {
  if (choice === undefined || choice === 'auto' || (choice === 'none' && !tools?.length)) return
  throw invalid('function_call', "'function_call' goes with 'functions'; with 'tools' it is 'tool_choice'.")
}

/** An answer in the older words has room for one call. */
function functionsOf({ functions = [], function_call: choice, tool_choice }: ToolBody): ToolsAsked {
  if (tool_choice !== undefined && tool_choice !== 'auto')
    throw invalid('tool_choice', "'tool_choice' goes with 'tools'; with 'functions' it is 'function_call'.")
  const tools = functions.map(toolOf)
  refuseTwins(tools, i => `functions[${i}].name`)
  if (typeof choice === 'object') mustBeThere(tools, choice.name, 'function_call.name')
  return { tools, ...(choice === undefined ? {} : { toolChoice: choice }), parallelToolCalls: false }
}

function toolOf({ name, description, parameters, strict }: z.infer<typeof functionOf>): Tool {
  return {
    name,
    ...(description == null ? {} : { description }),
    ...(parameters == null ? {} : { parameters }),
    ...(strict == null ? {} : { strict }),
  }
}

/** Throws HttpError 400: the answer could not say which one it calls. */
export function refuseTwins(tools: readonly Pick<Tool, 'name'>[], paramOf: (index: number) => string): void {
  const seen = new Set<string>()
  for (const [i, { name }] of tools.entries()) {
    if (seen.has(name)) throw invalid(paramOf(i), `${paramOf(i)}: there is already a tool '${name}'.`)
    seen.add(name)
  }
}

/** Throws HttpError 400 when the tool that is named is not among them. */
export function mustBeThere(tools: readonly Pick<Tool, 'name'>[], name: string, param: string): void {
  if (tools.some(tool => tool.name === name)) return
  throw new HttpError(400, 'invalid_value', `${param}: there is no tool of this name.`, { param })
}
