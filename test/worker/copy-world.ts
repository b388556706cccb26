// Macs with scripted engines, models on a real disk, and a bus in memory: what a copy needs, and nothing else.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { loadModel, unloadModel } from '../../main/cluster/commands.ts'
import { type ClusterView, createClusterView } from '../../main/cluster/view.ts'
import { clusterSchema } from '../../main/config/schema.ts'
import { createCatalog } from '../../main/engine/catalog.ts'
import { createScriptedEngine } from '../../main/engine/scripted-engine.ts'
import type { Bus } from '../../main/fabric/bus.ts'
import { createMemoryExchange } from '../../main/fabric/memory-bus.ts'
import { realClock } from '../../main/protocol/clock.ts'
import type { ModelStatus } from '../../main/protocol/models.ts'
import { silentLog } from '../../main/telemetry/log.ts'
import type { CopySettings } from '../../main/worker/copied-models.ts'
import { noSignals } from '../../main/worker/sharing-policy.ts'
import { startWorker, type WorkerOptions } from '../../main/worker/start-worker.ts'
import { makeTempFolder } from '../support/temp-folder.ts'

interface Mac {
  readonly workerId: string
  readonly models: string
  /** Its own connection to the others. */
  readonly bus: Bus
  stop(): Promise<void>
}

export interface World {
  readonly bus: Bus
  readonly view: ClusterView
  startMac(
    workerId: string,
    more?: Partial<CopySettings> & Pick<Partial<WorkerOptions>, 'download' | 'engine'>,
  ): Promise<Mac>
  load(mac: Mac, modelId: string): Promise<ModelStatus>
  unload(mac: Mac, modelId: string): Promise<ModelStatus>
  /** What the Mac says of the model: null if nothing. */
  status(mac: Mac, modelId: string): ModelStatus | null
  /** Looks until the Mac says so. */
  until(mac: Mac, modelId: string, isSo: (status: ModelStatus | null) => boolean): Promise<ModelStatus | null>
}

export async function openWorld(): Promise<World> {
  const exchange = createMemoryExchange()
  const bus = exchange.join()
  const log = silentLog
  const clock = realClock
  const self = { workerId: 'gateway', epoch: 1 }
  const view = createClusterView({ bus, clock, log, offlineTimeoutMs: 3500, self })
  onTestFinished(() => view.close())
  const status = (mac: Mac, modelId: string) =>
    view.worker(mac.workerId)?.heartbeat?.models.find(model => model.modelId === modelId) ?? null
  return {
    bus,
    view,
    async startMac(workerId, { download = null, engine = createScriptedEngine(clock), ...more } = {}) {
      const models = more.folder ?? makeTempFolder()
      const own = exchange.join()
      const worker = await startWorker({
        identity: { workerId, hostname: workerId, ip: '127.0.0.1', port: 1, epoch: Date.now(), priority: 50 },
        engine,
        download,
        catalog: createCatalog([models]),
        copies: { folder: models, maxBytes: 2 ** 30, spareBytes: 0, ...more },
        pinsFile: join(makeTempFolder(), 'pinned.json'),
        maxLoaded: 2,
        memoryBudgetBytes: 2 ** 33,
        tiers: {},
        sharing: {
          settings: clusterSchema.shape.sharing.parse({}),
          file: join(makeTempFolder(), 'sharing.json'),
          readSignals: async () => noSignals,
        },
        heartbeatIntervalMs: 20,
        metricsIntervalMs: 10_000,
        bus: own,
        clock,
        log,
      })
      let stopped = false
      const stop = async () => {
        if (stopped) return
        stopped = true
        await worker.stop(0)
        await own.close()
      }
      onTestFinished(stop)
      await own.flush(1000)
      await bus.flush(1000)
      return { workerId, models, bus: own, stop }
    },
    load: (mac, modelId) => loadModel(bus, view, mac.workerId, modelId),
    unload: (mac, modelId) => unloadModel(bus, mac.workerId, modelId),
    status,
    async until(mac, modelId, isSo) {
      const deadlineMs = Date.now() + 15_000
      while (!isSo(status(mac, modelId))) {
        if (Date.now() > deadlineMs) {
          throw new Error(`it did not become so: ${JSON.stringify(status(mac, modelId))}`)
        }
        await new Promise(resolve => setTimeout(resolve, 10))
      }
      return status(mac, modelId)
    },
  }
}

/** A model whose bytes are all different from part to part. */
export function writeModel(models: string, modelId: string, weightBytes: number, seed = 1): void {
  const folder = join(models, modelId)
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'config.json'), '{"max_position_embeddings": 4096}')
  writeFileSync(join(folder, 'tokenizer.json'), '{}')
  writeFileSync(join(folder, 'model.safetensors'), noise(weightBytes, seed))
  writeFileSync(join(folder, '.secret'), 'not for others')
}

/** The visible files of a model. */
export function filesOf(models: string, modelId: string): Record<string, string> {
  const folder = join(models, modelId)
  const names = readdirSync(folder).filter(name => !name.startsWith('.'))
  return Object.fromEntries(names.map(name => [name, readFileSync(join(folder, name)).toString('base64')]))
}

function noise(bytes: number, seed: number): Uint8Array {
  const words = new Uint32Array(Math.ceil(bytes / 4))
  let state = seed
  for (let i = 0; i < words.length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    words[i] = state
  }
  return new Uint8Array(words.buffer, 0, bytes)
}
