import { expect, test } from 'vitest'
import { openMetrics } from '../../main/telemetry/metrics.ts'
import { makeRecord } from './records.ts'

test('Prometheus reads what each worker does and how the requests went', async () => {
  const metrics = openMetrics(() => [{ workerId: 'mac1', activeRequests: 2, totalRequestsHandled: 40 }])
  metrics.requestStarted()
  metrics.requestStarted()
  metrics.requestEnded(makeRecord())
  const text = await metrics.text()
  expect(text).toContain('mlx_worker_active_requests{worker_id="mac1"} 2\n')
  expect(text).toContain('mlx_worker_total_requests{worker_id="mac1"} 40\n')
  expect(text).toContain('mlx_gateway_active_requests 1\n')
  expect(text).toContain('mlx_gateway_request_duration_seconds_count{model="tiny",status="completed"} 1\n')
  expect(text).toContain('mlx_gateway_time_to_first_token_seconds_sum{model="tiny"} 0.1\n')
  expect(text).toContain('mlx_gateway_time_per_output_token_seconds_sum{model="tiny"} 0.1\n')
  expect(text).toContain('mlx_gateway_prompt_tokens_total{model="tiny"} 12\n')
  expect(text).toContain('mlx_gateway_cached_prompt_tokens_total{model="tiny"} 4\n')
  expect(text).toContain('mlx_gateway_generated_tokens_total{model="tiny"} 11\n')
})

test('a worker that has left is no longer shown, and figures are not added up twice', async () => {
  let workers = [{ workerId: 'mac1', activeRequests: 0, totalRequestsHandled: 5 }]
  const metrics = openMetrics(() => workers)
  await metrics.text()
  expect(await metrics.text()).toContain('mlx_worker_total_requests{worker_id="mac1"} 5\n')
  workers = []
  expect(await metrics.text()).not.toContain('mac1')
})

test('clients cannot fill the memory with names of models', async () => {
  const metrics = openMetrics(() => [])
  for (let i = 0; i < 1000; i++) {
    metrics.requestEnded(
      makeRecord({ modelId: `made-up-${i}`, status: 'failed', errorCode: 'MODEL_NOT_FOUND' }),
    )
    metrics.requestEnded(makeRecord({ modelId: `real-${i}` }))
  }
  const text = await metrics.text()
  expect(text).not.toContain('made-up')
  expect(text.match(/mlx_gateway_generated_tokens_total\{/g)).toHaveLength(101)
})

test('names that nobody can check, because no Mac is there, are no labels', async () => {
  const metrics = openMetrics(() => [])
  for (let i = 0; i < 200; i++) {
    const modelId = `made-up-${i}`
    metrics.requestEnded(makeRecord({ modelId, workerId: null, status: 'failed', errorCode: 'NO_WORKER' }))
  }
  metrics.requestEnded(makeRecord({ modelId: 'real' }))
  const text = await metrics.text()
  expect(text).not.toContain('made-up')
  expect(text).toContain('mlx_gateway_generated_tokens_total{model="real"} 11\n')
})
