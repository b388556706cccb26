// Parameters that both ways of generating text have, and how a body is checked against them. What each parameter of
// OpenAI's API means here stands in PARAMETERS.md.
import { z } from 'zod'
import { HttpError, invalid } from './errors.ts'
import { listOf } from './list-of.ts'

/** The runtime takes no more; refused here, the parameter is named without loading a model. */
const maxStops = 4
const maxStopLength = 1024
const maxBiases = 1024
const maxModelLength = 512
const tokenId = /^(0|[1-9]\d*)$/
export const maxWhole = 2 ** 31 - 1

const penalty = z.number().min(-2).max(2).optional()
const stopText = z.string().min(1).max(maxStopLength)
const ignored = z.unknown().optional()

export const samplingParameters = {
  model: z.string().min(1).max(maxModelLength),
  temperature: z.number().min(0).max(2).optional(),
  top_p: z.number().gt(0).max(1).optional(),
  top_k: z.number().int().min(0).max(maxWhole).optional(),
  min_p: z.number().min(0).max(1).optional(),
  seed: z
    .number()
    .int()
    .max(Number.MAX_SAFE_INTEGER - 0xffff)
    .optional(),
  stop: z
    .union([stopText, listOf(stopText, { max: maxStops })], `expected a text, or a list of up to ${maxStops}`)
    .optional(),
  presence_penalty: penalty,
  frequency_penalty: penalty,
  repetition_penalty: z.number().min(0.01).max(10).optional(),
  logit_bias: z
    .unknown()
    .refine(
      biases => !isObject(biases) || Object.keys(biases).length <= maxBiases,
      `at most ${maxBiases} tokens can have a bias`,
    )
    .pipe(z.record(z.string().regex(tokenId, 'expected token ids as keys'), z.number().min(-100).max(100)))
    .optional(),
  n: z.number().int().min(1).max(16).optional(),
  stream: z.boolean().optional(),
  stream_options: z
    .strictObject({ include_usage: z.boolean().nullish(), include_obfuscation: z.boolean().nullish() })
    .optional(),
  session_id: z.string().min(1).max(256).optional(),
  user: ignored,
  store: ignored,
  metadata: ignored,
  service_tier: ignored,
  safety_identifier: ignored,
  prompt_cache_key: ignored,
  prompt_cache_retention: ignored,
  prompt_cache_options: ignored,
}

/** Parameters that are not built yet, each with the values that ask for nothing and are therefore let through. */
export type NotBuilt = Readonly<Record<string, (value: unknown) => boolean>>

export const never = () => false

/** The keys of `notBuilt` as a part of a schema: what is left of them has been let through. */
export function letThrough(notBuilt: NotBuilt): Record<string, typeof ignored> {
  return Object.fromEntries(Object.keys(notBuilt).map(name => [name, ignored]))
}

/** Null means absent. Throws HttpError 400 that names the parameter. */
export function checkParameters<T>(schema: z.ZodType<T>, notBuilt: NotBuilt, body: unknown): T {
  if (!isObject(body))
    throw new HttpError(400, 'invalid_type', 'The body of the request must be a JSON object.')
  const given = withoutNulls(body)
  for (const name in notBuilt) {
    if (given[name] === undefined || notBuilt[name]?.(given[name])) continue
    throw invalid(name, `The parameter '${name}' is not supported here yet.`, 'unsupported_parameter')
  }
  const result = schema.safeParse(given)
  if (result.success) return result.data
  throw explain(result.error.issues)
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function withoutNulls(body: Record<string, unknown>): Record<string, unknown> {
  for (const name in body) {
    if (body[name] === null)
      return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null))
  }
  return body
}

type Issue = z.core.$ZodIssue

function explain(issues: readonly Issue[]): HttpError {
  const issue = deepest(issues)
  if (!issue) return new HttpError(400, 'invalid_value', 'The body of the request is not valid.')
  const param = nameOf(issue.path)
  if (issue.code === 'unrecognized_keys') {
    const unknown = nameOf([...issue.path, issue.keys[0] ?? ''])
    return invalid(unknown, `Unknown parameter: '${unknown}'.`, 'unknown_parameter')
  }
  const message = issue.message.replace(/^Invalid input: /, '')
  if (issue.path.length === 1 && message.endsWith('received undefined'))
    return invalid(param, `Missing required parameter: '${param}'.`, 'missing_required_parameter')
  const code = issue.code === 'invalid_type' ? 'invalid_type' : 'invalid_value'
  return invalid(param, `Invalid value for '${param}': ${message}.`, code)
}

/** Of a union's branches the one that got furthest is the one that was meant; a list that is too long was not looked into. */
function deepest(issues: readonly Issue[]): Issue | undefined {
  const [first] = issues
  if (first?.code !== 'invalid_union') return first
  let best: Issue | null = null
  let tooLong: Issue | null = null
  for (const branch of first.errors) {
    const inner = deepest(branch)
    if (inner?.code === 'too_big' && inner.origin === 'array' && inner.path.length === 0) tooLong = inner
    if (inner && inner.path.length > 0 && (!best || isFurther(inner.path, best.path))) best = inner
  }
  if (tooLong && (best?.path[0] ?? 0) === 0) best = tooLong
  return best ? { ...best, path: [...first.path, ...best.path] } : first
}

function isFurther(path: readonly PropertyKey[], than: readonly PropertyKey[]): boolean {
  const [at, thanAt] = [path[0], than[0]]
  if (typeof at === 'number' && typeof thanAt === 'number' && at !== thanAt) return at > thanAt
  return path.length >= than.length
}

/** `messages[0].content` */
function nameOf(path: readonly PropertyKey[]): string {
  return path.reduce<string>((name, key) => {
    if (typeof key === 'number') return `${name}[${key}]`
    return name === '' ? String(key) : `${name}.${String(key)}`
  }, '')
}
