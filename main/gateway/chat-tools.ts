// What a chat may call: `tools` and `tool_choice`, and the older words for the same, `functions` and `function_call`.
import { z } from 'zod'
import {
  askedTools,
  functionParameters,
  maxTools,
  mustBeThere,
  refuseTwins,
  type ToolsAsked,
  toolOf,
} from './asked-tools.ts'
import { invalid } from './errors.ts'
import { listOf } from './list-of.ts'

const functionOf = z.strictObject(functionParameters)

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
  const asked = {
    tools: (body.tools ?? []).map(({ function: one }) => toolOf(one)),
    choice: choiceOf(body.tool_choice),
    parallel: body.parallel_tool_calls,
  }
  return askedTools(asked, {
    name: i => `tools[${i}].function.name`,
    chosen: 'tool_choice.function.name',
    allowed: i => `tool_choice.allowed_tools.tools[${i}].function.name`,
  })
}

function choiceOf(choice: ToolBody['tool_choice']) {
  if (typeof choice !== 'object') return choice
  if (choice.type === 'function') return choice.function
  const { mode, tools } = choice.allowed_tools
  return { mode, names: tools.map(one => one.function.name) }
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
