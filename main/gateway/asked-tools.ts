// What a request may call, whichever interface's words it was asked in.
import { z } from 'zod'
import type { Tool, ToolChoice } from '../protocol/inference.ts'
import { HttpError, invalid } from './errors.ts'
import { jsonSchema } from './json-schema.ts'

export const maxTools = 128

/** What each interface of OpenAI says of a function. */
export const functionParameters = {
  name: z
    .string()
    .regex(/^[a-zA-Z0-9_-]{1,64}$/, 'expected up to 64 letters, digits, underscores and hyphens'),
  description: z.string().nullish(),
  parameters: jsonSchema.nullish(),
  strict: z.boolean().nullish(),
}

export interface ToolsAsked {
  readonly tools?: Tool[]
  readonly toolChoice?: ToolChoice
  readonly parallelToolCalls?: boolean
}

/** A choice in no interface's words: the last form leaves the other tools out. */
type AskedChoice =
  | ToolChoice
  | { readonly mode: 'auto' | 'required'; readonly names: readonly string[] }
  | undefined

interface Asked {
  readonly tools: Tool[]
  readonly choice: AskedChoice
  readonly parallel: boolean | undefined
}

/** How the interface calls what may be wrong; the numbers are places in its lists. */
interface Params {
  readonly name: (index: number) => string
  readonly chosen: string
  readonly allowed: (index: number) => string
}

/** Throws HttpError 400 that names the parameter. */
export function askedTools({ tools, choice, parallel: calls }: Asked, params: Params): ToolsAsked {
  refuseTwins(tools, params.name)
  const parallel = calls === undefined ? {} : { parallelToolCalls: calls }
  if (tools.length === 0) {
    if (choice === undefined || choice === 'none' || choice === 'auto') return {}
    throw invalid('tool_choice', "'tool_choice' asks for a call of a tool, but there are no 'tools'.")
  }
  if (choice === undefined) return { tools, ...parallel }
  if (typeof choice === 'string') return { tools, toolChoice: choice, ...parallel }
  if ('name' in choice) {
    mustBeThere(tools, choice.name, params.chosen)
    return { tools, toolChoice: choice, ...parallel }
  }
  for (const [i, name] of choice.names.entries()) mustBeThere(tools, name, params.allowed(i))
  const names = new Set(choice.names)
  return { tools: tools.filter(({ name }) => names.has(name)), toolChoice: choice.mode, ...parallel }
}

/** Null is absent. */
export function toolOf({
  name,
  description,
  parameters,
  strict,
}: z.infer<z.ZodObject<typeof functionParameters>>): Tool {
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
