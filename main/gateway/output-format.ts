// What an answer has to look like: OpenAI's `response_format`, and the words in which other local servers ask for the same.
import { z } from 'zod'
import type { OutputFormat } from '../protocol/inference.ts'
import { invalid } from './errors.ts'
import { isShallow, jsonSchema } from './json-schema.ts'
import { listOf } from './list-of.ts'
import { isObject } from './parameters.ts'

const maxChoices = 1024

const responseFormat = z.discriminatedUnion(
  'type',
  [
    z.strictObject({ type: z.literal('text') }),
    // llama.cpp takes a schema here, too.
    z.strictObject({ type: z.literal('json_object'), schema: jsonSchema.nullish() }),
    z.strictObject({
      type: z.literal('json_schema'),
      json_schema: z.strictObject({
        name: z.string().min(1).max(64),
        description: z.string().nullish(),
        schema: jsonSchema,
        strict: z.boolean().nullish(),
      }),
    }),
  ],
  'expected text, json_object or json_schema',
)

/** vLLM takes a schema also as the text that it is. */
const json = z.union([jsonSchema, z.string()], 'expected a JSON schema')
const pattern = z.string().min(1)
const choice = listOf(z.string().min(1), { min: 1, max: maxChoices })
const grammar = z.string().min(1)

export const formatParameters = {
  response_format: responseFormat.optional(),
  structured_outputs: z
    .strictObject({
      json: json.nullish(),
      regex: pattern.nullish(),
      choice: choice.nullish(),
      grammar: grammar.nullish(),
      json_object: z.boolean().nullish(),
    })
    .optional(),
  guided_json: json.optional(),
  guided_regex: pattern.optional(),
  guided_choice: choice.optional(),
  guided_grammar: grammar.optional(),
  json_schema: jsonSchema.optional(),
  grammar: grammar.optional(),
}

type FormatBody = z.infer<z.ZodObject<typeof formatParameters>>

type Asked = OutputFormat & { readonly param: string }

/** Undefined: the answer may be any text. Throws HttpError 400 that names the parameter. */
export function formatOf(body: FormatBody): OutputFormat | undefined {
  const within = body.structured_outputs ?? {}
  const formats: (Asked | null)[] = [
    ofResponse(body.response_format),
    ofJson('structured_outputs.json', within.json),
    ofRegex('structured_outputs.regex', within.regex),
    ofChoice('structured_outputs.choice', within.choice),
    ofGrammar('structured_outputs.grammar', within.grammar),
    within.json_object ? { param: 'structured_outputs.json_object', type: 'json_object' } : null,
    ofJson('guided_json', body.guided_json),
    ofRegex('guided_regex', body.guided_regex),
    ofChoice('guided_choice', body.guided_choice),
    ofGrammar('guided_grammar', body.guided_grammar),
    ofJson('json_schema', body.json_schema),
    ofGrammar('grammar', body.grammar),
  ]
  const [first, second] = formats.filter(format => format !== null)
  if (second) {
    const message = `'${first?.param}' and '${second.param}' both say what the answer has to look like: send one of them.`
    throw invalid(second.param, message, 'invalid_parameter_combination')
  }
  return first
}

function ofResponse(asked: FormatBody['response_format']): Asked | null {
  if (!asked || asked.type === 'text') return null
  if (asked.type === 'json_schema')
    return {
      param: 'response_format.json_schema.schema',
      type: 'json_schema',
      schema: asked.json_schema.schema,
    }
  if (asked.schema) return { param: 'response_format.schema', type: 'json_schema', schema: asked.schema }
  return { param: 'response_format', type: 'json_object' }
}

function ofJson(param: string, asked: z.infer<typeof json> | null | undefined): Asked | null {
  if (asked == null) return null
  return { param, type: 'json_schema', schema: typeof asked === 'string' ? parsed(param, asked) : asked }
}

function parsed(param: string, text: string): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    value = null
  }
  if (isObject(value) && isShallow(value)) return value
  throw invalid(param, `Invalid value for '${param}': the text is not a JSON schema.`)
}

function ofRegex(param: string, asked: string | null | undefined): Asked | null {
  return asked == null ? null : { param, type: 'regex', pattern: asked }
}

function ofChoice(param: string, asked: readonly string[] | null | undefined): Asked | null {
  if (asked == null) return null
  return { param, type: 'regex', pattern: asked.map(literally).join('|') }
}

function literally(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|#&\-~/]/g, '\\$&')
}

function ofGrammar(param: string, asked: string | null | undefined): Asked | null {
  if (asked == null) return null
  if (/^\s*[\w-]+\s*::=/m.test(asked)) {
    const message = `Invalid value for '${param}': this is GBNF. Grammars are written in Lark here: start: "yes" | "no"`
    throw invalid(param, message)
  }
  return { param, type: 'lark', grammar: asked }
}
