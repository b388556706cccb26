import { expect, test } from 'vitest'
import { createClusterView } from '../../main/cluster/view.ts'
import { createMemoryExchange } from '../../main/fabric/memory-bus.ts'
import { createWorkerHistories } from '../../main/gateway/worker-history.ts'
import { encodeJson } from '../../main/protocol/json.ts'
import { subjects } from '../../main/protocol/subjects.ts'
import { silentLog } from '../../main/telemetry/log.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { heartbeatOf, type Mac, registrationOf } from './support/heard-macs.ts'

const hourMs = 3_600_000

function openView() {
  const clock = new ManualClock()
  const exchange = createMemoryExchange({ clock })
  const self = { workerId: 'own', epoch: 1 }
  const view = createClusterView({
    bus: exchange.join(),
    clock,
    log: silentLog,
    offlineTimeoutMs: 3500,
    self,
  })
  const bus = exchange.join()
  const histories = createWorkerHistories(view, clock)
  bus.publish(subjects.register, encodeJson(registrationOf('mac1')))
  const beat = async (metrics: NonNullable<Mac['metrics']>) => {
    bus.publish(subjects.heartbeat, encodeJson(heartbeatOf('mac1', { metrics })))
    await bus.flush(1000)
    await bus.flush(1000)
  }
  return { clock, view, histories, beat }
}

test('the load of a Mac is kept as means over ten seconds, its tokens as a rate', async () => {
  const { clock, histories, beat } = openView()
  for (let s = 0; s < 20; s++) {
    await beat({ cpuUsagePercent: s < 10 ? 20 : 60, activeRequests: 3, totalTokensGenerated: 45 * s })
    clock.advance(1000)
  }
  const { points } = histories.of('mac1', '1h')
  expect(points.map(({ cpuPercent }) => cpuPercent)).toEqual([20, 60])
  expect(points[1]).toMatchObject({ activeRequests: 3, tokensPerSecond: 45 })
  expect(points[1]?.timestamp).toBe((points[0]?.timestamp ?? 0) + 10_000)
  expect(histories.of('mac1', '6h').points).toHaveLength(1)
  expect(histories.of('nobody', '1h').points).toEqual([])
})

test('a day is kept and no more, and nothing of a Mac that is no member any more', async () => {
  const { clock, view, histories, beat } = openView()
  for (let hour = 0; hour < 30; hour++) {
    await beat({})
    clock.advance(hourMs)
  }
  expect(histories.of('mac1', '24h').points.length).toBeGreaterThanOrEqual(23)
  expect(histories.of('mac1', '24h').points.length).toBeLessThanOrEqual(24)
  view.retain(() => false)
  expect(histories.of('mac1', '24h').points).toEqual([])
})
