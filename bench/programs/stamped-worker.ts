// A worker of the mesh, all of it real but the engine: `node stamped-worker.ts NATS_URL MODEL...`.
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { clusterSchema } from '../../main/config/schema.ts'
import type { Catalog } from '../../main/engine/catalog.ts'
import { parseNatsUrl } from '../../main/fabric/nats-address.ts'
import { openNatsBus } from '../../main/fabric/nats-bus.ts'
import { realClock } from '../../main/protocol/clock.ts'
import { silentLog } from '../../main/telemetry/log.ts'
import { noSignals } from '../../main/worker/sharing-policy.ts'
import { loadUntilReady, startWorker } from '../../main/worker/start-worker.ts'
import { stampedEngine } from './stamped-engine.ts'

const [natsUrl = '', ...modelIds] = process.argv.slice(2)
const address = parseNatsUrl(natsUrl)
const bus = await openNatsBus({ server: () => address, log: silentLog })
const worker = await startWorker({
  identity: {
    workerId: 'benchworker',
    epoch: Date.now(),
    hostname: 'bench',
    ip: '127.0.0.1',
    port: 0,
    priority: 50,
  },
  engine: stampedEngine,
  catalog: catalogOf(modelIds),
  copies: { folder: '', maxBytes: null, spareBytes: 0 },
  download: null,
  pinsFile: join(tmpdir(), 'mlx-mesh-bench-pinned.json'),
  maxLoaded: modelIds.length,
  memoryBudgetBytes: 2 ** 33,
  tiers: {},
  sharing: {
    settings: clusterSchema.shape.sharing.parse({}),
    file: join(tmpdir(), 'mlx-mesh-bench-sharing.json'),
    readSignals: async () => noSignals,
  },
  heartbeatIntervalMs: 1_000,
  metricsIntervalMs: 10_000,
  bus,
  clock: realClock,
  log: silentLog,
})
for (const modelId of modelIds) await loadUntilReady(worker.models, modelId)
process.stdout.write('ready\n')

function catalogOf(modelIds: readonly string[]): Catalog {
  const files = { folder: '', fingerprint: '', sizeBytes: 1 << 20, contextTokens: 32_768, createdAtMs: 0 }
  return {
    models: new Map(modelIds.map(modelId => [modelId, { modelId, ...files }])),
    broken: [],
    rescan: async () => {},
  }
}
