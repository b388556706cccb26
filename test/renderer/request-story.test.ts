import { describe, expect, test } from 'vitest'
import type { DashboardRequestDetail } from '../../main/protocol/dashboard.ts'
import { groupPoints, pointGroups, scaleOf } from '../../renderer/requests/points.ts'
import { momentsOf, spansOf } from '../../renderer/requests/time-line.ts'
import { cannedDetail, cannedHistory } from '../views/canned-history.ts'
import { cannedMeshes } from '../views/canned-meshes.ts'

const nameOf = (workerId: string) => ({ 'mac-1': 'Desk', 'mac-2': 'Studio' })[workerId] ?? workerId

describe('what happened to a request', () => {
  test('is told in its order, with the Macs that handed it over', () => {
    const texts = momentsOf(detail({ queuedMs: 20 }), nameOf).map(({ atMs, text }) => `${atMs} ${text}`)
    expect(texts).toEqual([
      '0 It arrived at this Mac',
      '1 Desk was chosen',
      '20 Its prompt was being read',
      '100 The first token came',
      '500 Desk handed over to Studio',
      '1000 The answer was complete',
    ])
  })

  test('is waiting, reading and writing, one after the other, whatever is unknown', () => {
    expect(spansOf(detail({ queuedMs: 20 })).map(({ kind, toMs }) => `${kind} ${toMs}`)).toEqual([
      'waiting 20',
      'reading 100',
      'writing 1000',
    ])
    expect(spansOf(detail({ queuedMs: null })).map(({ kind }) => kind)).toEqual(['reading', 'writing'])
    expect(spansOf(detail({ queuedMs: null, firstTokenMs: null }))).toEqual([
      { kind: 'waiting', fromMs: 0, toMs: 1000 },
    ])
  })
})

test('the groups of points hold each part once, so that a bar is as long as its points', () => {
  for (const { scores } of detail({}).choices ?? []) {
    const scale = scaleOf(scores)
    for (const score of scores) {
      const sums = pointGroups.map(group => groupPoints(score, group))
      expect(sums.reduce((sum, each) => sum + each, 0)).toBeCloseTo(score.total)
      const right = sums.filter(each => each > 0).reduce((sum, each) => sum + each, 0)
      expect(scale.zeroPercent + right * scale.percentPerPoint).toBeLessThanOrEqual(100.001)
    }
  }
})

function detail(change: Partial<DashboardRequestDetail>): DashboardRequestDetail {
  const [request] = cannedHistory(4, cannedMeshes.three)
  if (!request) throw new Error('there is no canned request')
  return cannedDetail(
    { ...request, timestamp: 1e12, latencyMs: 1000, firstTokenMs: 100, status: 'completed', ...change },
    cannedMeshes.three,
  )
}
