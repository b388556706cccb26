import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { clusterSchema } from '../../main/config/schema.ts'
import { fixedCatalog } from '../../main/engine/catalog.ts'
import { createScriptedEngine } from '../../main/engine/scripted-engine.ts'
import { createMemoryExchange } from '../../main/fabric/memory-bus.ts'
import { decodeJson } from '../../main/protocol/json.ts'
import { subjects } from '../../main/protocol/subjects.ts'
import { registration } from '../../main/protocol/workers.ts'
import { silentLog } from '../../main/telemetry/log.ts'
import { noSignals } from '../../main/worker/sharing-policy.ts'
import { startWorker } from '../../main/worker/start-worker.ts'
import { openInbox } from '../fabric/inbox.ts'
import { ManualClock } from '../support/manual-clock.ts'
import { makeTempFolder } from '../support/temp-folder.ts'

test('a worker says which sizes of models it suits, by what the configuration asks for', async () => {
  const clock = new ManualClock()
  const exchange = createMemoryExchange()
  const heard = await openInbox(exchange.join(), subjects.register)
  const worker = await startWorker({
    identity: { workerId: 'w', hostname: 'w', ip: '127.0.0.1', port: 1, epoch: 1, priority: 50 },
    engine: createScriptedEngine(clock),
    catalog: fixedCatalog([]),
    copies: { folder: makeTempFolder(), maxBytes: null, spareBytes: 0 },
    download: null,
    pinsFile: join(makeTempFolder(), 'pinned.json'),
    maxLoaded: 2,
    memoryBudgetBytes: 2 ** 33,
    tiers: {
      vast: { min_gpu_cores: 0, min_memory_gb: 1e9 },
      fast: { min_gpu_cores: 1e9, min_memory_gb: 0 },
      any: { min_gpu_cores: 0, min_memory_gb: 0 },
    },
    sharing: {
      settings: clusterSchema.shape.sharing.parse({}),
      file: join(makeTempFolder(), 'sharing.json'),
      readSignals: async () => noSignals,
    },
    heartbeatIntervalMs: 1000,
    metricsIntervalMs: 10_000,
    bus: exchange.join(),
    clock,
    log: silentLog,
  })
  onTestFinished(() => worker.stop(0))
  await heard.until(1)
  const said = registration.parse(decodeJson(heard.messages[0]?.data ?? new Uint8Array()))
  expect(said.capabilities.supportedModelTiers).toEqual(['any'])
})
