// The models of this Mac: which are on disk, which are loaded, and who may use them.
import type { Clock } from '../protocol/clock.ts'
import { MeshError } from '../protocol/errors.ts'
import type { ModelStatus } from '../protocol/models.ts'
import type { Log } from '../telemetry/log.ts'
import type { Catalog } from './catalog.ts'
import type { Engine, EngineModel } from './engine.ts'
import { ModelSlot } from './model-slot.ts'
import { noPins, type Pins } from './pins.ts'
import { type MemoryLimits, type Occupant, overgrown, usedBytes } from './room.ts'
import { RoomQueue } from './room-queue.ts'
import type { SlotHost } from './slot-host.ts'

export interface Models {
  list(): readonly ModelStatus[]
  /** Calls back with each change of a model's state. */
  onChange(run: (status: ModelStatus) => void): () => void
  /**
   * A loaded model to generate with, loading it first and making room when needed. Rejects with MeshError:
   * MODEL_NOT_FOUND, MODEL_LOAD_FAILED (also while quarantined), INSUFFICIENT_MEMORY, SHUTTING_DOWN.
   */
  use(modelId: string, signal: AbortSignal): Promise<ModelLease>
  /** Starts loading and returns at once; progress by `onChange`. Lifts a quarantine. Throws like `use`. */
  load(modelId: string): ModelStatus
  /** Lets running requests end, then ends the process. Throws MODEL_NOT_FOUND. */
  unload(modelId: string): ModelStatus
  /** A pinned model is loaded when this Mac starts, and makes no room for others. Throws MODEL_NOT_FOUND. */
  pin(modelId: string, pinned: boolean): ModelStatus
  /** Resolves when `list` has what is in the model folders now. */
  lookAgain(): Promise<void>
  close(): Promise<void>
}

export interface ModelLease {
  readonly model: EngineModel
  release(): void
}

export interface ModelLimits extends MemoryLimits {
  /** How long a request waits for other models to become idle. */
  readonly waitForRoomMs?: number
  /** How often the model folders are looked at. */
  readonly rescanMs?: number
}

export interface ModelsOptions {
  readonly engine: Engine
  /** Scanned once already. */
  readonly catalog: Catalog
  readonly clock: Clock
  readonly log: Log
  readonly limits: ModelLimits
  readonly pins?: Pins
}

/** As often as the processes tell what they take. */
const memoryWatchMs = 1000

export function createModels(options: ModelsOptions): Models {
  const { engine, catalog, clock, log, limits, pins = noPins } = options
  const slots = new Map<string, ModelSlot>()
  const listeners = new Set<(status: ModelStatus) => void>()
  /** Folders that cannot be models, as the log has them. */
  const toldBroken = new Map<string, string>()
  let closed: MeshError | null = null
  let scanning: Promise<void> | null = null

  const queue = new RoomQueue({
    limits,
    waitMs: limits.waitForRoomMs ?? 60_000,
    clock,
    occupants,
    evict: modelId => evict(modelId, 'to make room for another'),
  })
  const host: SlotHost = {
    engine,
    clock,
    log,
    isPinned: pins.has,
    changed: status => {
      for (const run of listeners) run(status)
    },
    joinQueue: slot => queue.join(slot),
    leaveQueue: slot => queue.leave(slot),
    roomChanged: () => {
      queue.reconsider()
      shareMemory()
    },
  }

  adopt()
  for (const modelId of pins.list()) slots.get(modelId)?.load()
  const stopRescans = clock.every(limits.rescanMs ?? 5000, rescan)
  const stopMemoryWatch = clock.every(memoryWatchMs, watchMemory)

  return {
    list: () => [...slots.values()].map(slot => slot.status),
    onChange: run => {
      listeners.add(run)
      return () => listeners.delete(run)
    },
    use: async (modelId, signal) => {
      if (!slots.has(modelId)) await rescan()
      return find(modelId).use(signal)
    },
    load: modelId => {
      const slot = find(modelId)
      slot.load()
      return slot.status
    },
    unload: modelId => {
      const slot = find(modelId)
      slot.unload()
      return slot.status
    },
    pin: (modelId, pinned) => {
      // What is gone from the disk can still be unpinned.
      const slot = pinned || !pins.has(modelId) ? find(modelId) : slots.get(modelId)
      pins.set(modelId, pinned)
      if (!slot) throw notFound(modelId)
      host.changed(slot.status)
      queue.reconsider()
      return slot.status
    },
    lookAgain: async () => {
      await scanning // it may have begun before what it should see
      await rescan()
    },
    close: async () => {
      closed ??= new MeshError('SHUTTING_DOWN', 'This Mac is shutting down.')
      const error = closed
      stopRescans()
      stopMemoryWatch()
      await Promise.all([...slots.values()].map(slot => slot.close(error)))
    },
  }

  function find(modelId: string): ModelSlot {
    if (closed) throw closed
    const slot = slots.get(modelId)
    if (slot) return slot
    const broken = catalog.broken.find(folder => folder.modelId === modelId)
    if (broken) throw new MeshError('MODEL_LOAD_FAILED', `${modelId} cannot be loaded. ${broken.reason}`)
    throw notFound(modelId)
  }

  function occupants(): Occupant[] {
    return [...slots.values()].map(slot => slot.occupant).filter(occupant => occupant !== null)
  }

  function evict(modelId: string, why: string): void {
    log.info('model evicted', { modelId, why })
    slots.get(modelId)?.unload()
  }

  /** Caches grow while models serve: what fitted when they were loaded need not fit now. */
  function watchMemory(): void {
    for (const modelId of overgrown(occupants(), limits)) evict(modelId, 'the loaded models have grown')
    shareMemory()
  }

  /** What each process may take is what the others leave, so that all together stay within the budget. */
  function shareMemory(): void {
    const taken = occupants()
    const takenBytes = usedBytes(taken)
    for (const { modelId, memoryBytes } of taken) {
      slots.get(modelId)?.limitMemory(limits.budgetBytes - (takenBytes - memoryBytes))
    }
  }

  function rescan(): Promise<void> {
    scanning ??= catalog.rescan().then(() => {
      scanning = null
      adopt()
    })
    return scanning
  }

  function adopt(): void {
    if (closed) return
    for (const [modelId, files] of catalog.models) {
      const slot = slots.get(modelId)
      if (slot) slot.files = files
      else {
        const found = new ModelSlot(files, host)
        slots.set(modelId, found)
        host.changed(found.status)
      }
    }
    for (const [modelId, slot] of slots) {
      if (!catalog.models.has(modelId) && slot.vanish()) slots.delete(modelId)
    }
    for (const { folder, reason } of catalog.broken) {
      if (toldBroken.get(folder) === reason) continue
      toldBroken.set(folder, reason)
      log.warn('a folder of models is left out', { folder, reason })
    }
  }
}

function notFound(modelId: string): MeshError {
  return new MeshError('MODEL_NOT_FOUND', `There is no model ${modelId} on this Mac.`, { param: 'model' })
}
