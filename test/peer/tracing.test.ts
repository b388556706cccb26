// A Mac as its owner starts it, with tracing switched on: nats-server and Python are real.
import { expect, test } from 'vitest'
import { type ReceivedSpan, receiveOtlp } from '../support/otlp-receiver.ts'
import { startServe } from '../support/serve.ts'

test('what is still to be told of a request is told when the Mac stops', async () => {
  const tool = await receiveOtlp()
  const peer = await startServe({
    env: {
      MLX_MESH_MONITORING_TRACING_ENABLED: 'true',
      MLX_MESH_MONITORING_TRACING_ENDPOINT: tool.endpoint,
    },
  })
  try {
    const response = await fetch(`${peer.url}/v1/completions`, {
      method: 'POST',
      body: JSON.stringify({ model: 'tiny', prompt: 'A secret of mine', max_tokens: 8 }),
    })
    expect(response.status).toBe(200)
    await response.text()
  } finally {
    await peer.close()
  }
  const byName = new Map(tool.spans.map(span => [span.name, span]))
  const wayUp = (name: string): string[] => {
    const span: ReceivedSpan | undefined = byName.get(name)
    const parent = tool.spans.find(({ spanId }) => spanId === span?.parentSpanId)
    return parent ? [name, ...wayUp(parent.name)] : [name]
  }
  expect(wayUp('runtime decode')).toEqual([
    'runtime decode',
    'runtime',
    'serve',
    'attempt',
    'POST /v1/completions',
  ])
  expect(new Set(tool.spans.map(({ traceId }) => traceId)).size).toBe(1)
  expect(tool.bodies.join('')).not.toContain('secret')
}, 60_000)
