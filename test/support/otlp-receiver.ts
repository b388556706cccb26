// A tracing tool: takes OTLP over HTTP as collectors do, and has every span that came.
import { createServer } from 'node:http'
import { onTestFinished } from 'vitest'
import { z } from 'zod'

export interface ReceivedSpan {
  readonly name: string
  readonly traceId: string
  readonly spanId: string
  /** '' for the first one of a trace. */
  readonly parentSpanId: string
  /** Of the program that sent it. */
  readonly instance: string
  readonly attributes: Readonly<Record<string, string | number | boolean>>
  readonly events: readonly string[]
  /** 2 is an error. */
  readonly status: number
  readonly startMs: number
  readonly endMs: number
}

export interface OtlpReceiver {
  readonly endpoint: string
  readonly spans: readonly ReceivedSpan[]
  /** All that was ever received, as it came. */
  readonly bodies: readonly string[]
  /** Resolves when so many spans are here. */
  until(count: number): Promise<readonly ReceivedSpan[]>
}

export async function receiveOtlp(): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = []
  const bodies: string[] = []
  let waiting: { readonly count: number; readonly here: () => void }[] = []
  const server = createServer(async (req, res) => {
    const body = Buffer.concat(await req.toArray()).toString()
    bodies.push(body)
    if (req.url !== '/v1/traces') throw new Error(`spans came to ${req.url}`)
    spans.push(...spansIn(body))
    res.writeHead(200, { 'content-type': 'application/json' }).end('{}')
    for (const { count, here } of waiting) if (spans.length >= count) here()
    waiting = waiting.filter(({ count }) => spans.length < count)
  })
  await new Promise<void>(listening => server.listen(0, '127.0.0.1', listening))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the receiver has no port')
  return {
    endpoint: `http://127.0.0.1:${address.port}/v1/traces`,
    spans,
    bodies,
    until: async count => {
      if (spans.length < count) await new Promise<void>(here => waiting.push({ count, here }))
      return spans
    },
  }
}

const value = z.union([
  z.object({ stringValue: z.string() }).transform(({ stringValue }) => stringValue),
  z.object({ intValue: z.coerce.number() }).transform(({ intValue }) => intValue),
  z.object({ doubleValue: z.number() }).transform(({ doubleValue }) => doubleValue),
  z.object({ boolValue: z.boolean() }).transform(({ boolValue }) => boolValue),
])
const attributes = z
  .array(z.object({ key: z.string(), value }))
  .transform(list => Object.fromEntries(list.map(each => [each.key, each.value])))
const nanoseconds = z.coerce.bigint().transform(ns => Number(ns / 1000n) / 1000)
const hex = (digits: number) => z.string().regex(new RegExp(`^[0-9a-f]{${digits}}$`))
const request = z.object({
  resourceSpans: z.array(
    z.object({
      resource: z.object({ attributes }),
      scopeSpans: z.array(
        z.object({
          spans: z.array(
            z.object({
              name: z.string(),
              traceId: hex(32),
              spanId: hex(16),
              parentSpanId: hex(16).default(''),
              startTimeUnixNano: nanoseconds,
              endTimeUnixNano: nanoseconds,
              attributes,
              events: z.array(z.object({ name: z.string() })).default([]),
              status: z.object({ code: z.number().default(0) }).default({ code: 0 }),
            }),
          ),
        }),
      ),
    }),
  ),
})

function spansIn(body: string): ReceivedSpan[] {
  return request.parse(JSON.parse(body)).resourceSpans.flatMap(({ resource, scopeSpans }) =>
    scopeSpans.flatMap(scope =>
      scope.spans.map(span => ({
        ...span,
        instance: String(resource.attributes['service.instance.id']),
        events: span.events.map(({ name }) => name),
        status: span.status.code,
        startMs: span.startTimeUnixNano,
        endMs: span.endTimeUnixNano,
      })),
    ),
  )
}
