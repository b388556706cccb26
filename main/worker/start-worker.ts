// The worker role of a peer: "Share this Mac's GPU" switches it on and off.
import type { Catalog } from '../engine/catalog.ts'
import type { Engine } from '../engine/engine.ts'
import { createModels, type Models } from '../engine/models.ts'
import { openPins } from '../engine/pins.ts'
import type { Bus } from '../fabric/bus.ts'
import { type HubOptions, openHub } from '../hub/open-hub.ts'
import type { Clock } from '../protocol/clock.ts'
import type { Hardware } from '../protocol/workers.ts'
import type { Log } from '../telemetry/log.ts'
import { type CopySettings, openCopiedModels } from './copied-models.ts'
import { giveModels } from './give-model.ts'
import { detectHardware } from './hardware.ts'
import { watchLoad } from './load-figures.ts'
import type { Observers } from './phases.ts'
import { createPowerReader, watchPower } from './power.ts'
import { type ReportOptions, reportWorker } from './report.ts'
import { serveRequests } from './serve.ts'
import { openSharing, type SharingOptions } from './sharing.ts'

export interface WorkerOptions
  extends Pick<ReportOptions, 'identity' | 'heartbeatIntervalMs' | 'metricsIntervalMs'> {
  readonly engine: Engine
  readonly catalog: Catalog
  readonly copies: CopySettings
  /** Where models are downloaded from; null: nowhere. */
  readonly download: Omit<HubOptions, 'clock'> | null
  /** Where it is kept which models stay loaded. */
  readonly pinsFile: string
  readonly maxLoaded: number
  readonly memoryBudgetBytes: number
  /** What models of each size ask of a Mac, by tier (`models.tier_preferences`). */
  readonly tiers: Readonly<Record<string, TierNeeds>>
  readonly sharing: Pick<SharingOptions, 'settings' | 'file' | 'readSignals'>
  readonly bus: Bus
  readonly clock: Clock
  readonly log: Log
  /** Who is told where the time of requests goes. */
  readonly observers?: Observers
}

interface TierNeeds {
  readonly min_gpu_cores: number
  readonly min_memory_gb: number
}

export interface Worker {
  readonly models: Models
  /** Takes nothing new and says so: the others begin to take over what runs. */
  leave(): void
  /** Leaves, lets running answers end for so long, then ends the models' processes. */
  stop(graceMs: number): Promise<void>
}

/** Requests in hand before new ones go elsewhere: they wait in the engine, which batches what fits. */
const maxConcurrent = 256

export async function startWorker(options: WorkerOptions): Promise<Worker> {
  const { identity, engine, catalog, bus, clock, log } = options
  const [hardware, sharing] = await Promise.all([
    detectHardware(),
    openSharing({ ...options.sharing, clock, log }),
    catalog.rescan(),
  ])
  const limits = { maxLoaded: options.maxLoaded, budgetBytes: options.memoryBudgetBytes }
  const pins = openPins(options.pinsFile, log)
  const models = createModels({ engine, catalog, clock, log, limits, pins })
  const hub = options.download && openHub({ ...options.download, clock })
  const copied = await openCopiedModels({
    ...options.copies,
    models,
    catalog,
    hub,
    memoryBudgetBytes: options.memoryBudgetBytes,
    bus,
    clock,
    log,
  })
  const { workerId } = identity
  const stopGiving =
    options.copies.maxBytes === null ? () => {} : giveModels({ workerId, catalog, bus, clock, log })
  const load = watchLoad(clock)
  const power = watchPower(createPowerReader(clock), clock)
  const serving = serveRequests({
    workerId,
    bus,
    models,
    sharing,
    clock,
    log,
    maxConcurrent,
    ...(options.observers ? { observers: options.observers } : {}),
  })
  const reporting = reportWorker({
    identity,
    bus,
    models: copied,
    serving,
    sharing,
    clock,
    log,
    hardware,
    supportedModelTiers: tiersFor(hardware, options.tiers),
    maxConcurrent,
    heartbeatIntervalMs: options.heartbeatIntervalMs,
    metricsIntervalMs: options.metricsIntervalMs,
    readLoad: load.read,
    readPower: power.read,
  })
  return {
    models,
    leave: sharing.leave,
    stop: async graceMs => {
      sharing.leave()
      await serving.drain(graceMs)
      reporting.leave()
      sharing.stop()
      load.stop()
      power.stop()
      stopGiving()
      await copied.close()
      await models.close()
    },
  }
}

function tiersFor({ gpuCores, unifiedMemoryGB }: Hardware, tiers: WorkerOptions['tiers']): string[] {
  return Object.entries(tiers)
    .filter(([, need]) => gpuCores >= need.min_gpu_cores && unifiedMemoryGB >= need.min_memory_gb)
    .map(([tier]) => tier)
}

/** Resolves when the model answers at once; rejects with MeshError when it cannot. */
export async function loadUntilReady(models: Models, modelId: string): Promise<void> {
  models.load(modelId)
  const lease = await models.use(modelId, new AbortController().signal)
  lease.release()
}
