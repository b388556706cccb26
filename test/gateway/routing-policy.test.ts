import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadConfig } from '../../main/config/load-config.ts'
import { routingPolicy } from '../../main/gateway/routing-policy.ts'
import { makeTempFolder } from '../support/temp-folder.ts'

function policyOf(cluster: string) {
  const home = makeTempFolder()
  writeFileSync(join(home, 'cluster.yaml'), cluster)
  const { config, warnings } = loadConfig({ env: { MLX_MESH_HOME: home } })
  return { policy: routingPolicy(config), warnings }
}

test('without any file conversations stay for five minutes, and tiers ask what is documented', () => {
  const { policy } = policyOf('')
  expect(policy).toMatchObject({
    strategy: 'hardware_aware',
    preferModelLoaded: true,
    avoidOverloaded: true,
    sessionTtlMs: 300_000,
    knownWorkers: [],
    tiers: {
      '30B+': { minGpuCores: 30, minMemoryGB: 64 },
      '<3B': { minGpuCores: 8, minMemoryGB: 8, preferredChips: [], preferredWorkers: [] },
    },
  })
})

test('what the file says of routing has its effect, without a warning', () => {
  const { policy, warnings } = policyOf(`cluster:
  load_balancing: { strategy: least_loaded, sticky_sessions: true, session_ttl_ms: 9000, avoid_overloaded: false }
  models:
    tier_preferences:
      '7-13B': { preferred_chips: [M4 Max], preferred_workers: [studio] }
`)
  expect(warnings).toEqual([])
  expect(policy).toMatchObject({
    strategy: 'least_loaded',
    sessionTtlMs: 9000,
    avoidOverloaded: false,
    tiers: { '7-13B': { minGpuCores: 15, preferredChips: ['M4 Max'], preferredWorkers: ['studio'] } },
  })
})

test('conversations that are not to stay have no time to live', () => {
  expect(policyOf('cluster: { load_balancing: { sticky_sessions: false } }').policy.sessionTtlMs).toBeNull()
})

test('Macs named in the file have a priority and tags', () => {
  const { policy } = policyOf(
    'cluster: { workers: { static: [{ ip: 10.0.0.9, name: studio.local, priority: 90, tags: [office] }] } }',
  )
  expect(policy.knownWorkers).toEqual([
    { ip: '10.0.0.9', name: 'studio.local', priority: 90, tags: ['office'] },
  ])
})
