import type { Clock } from '../protocol/clock.ts'
import type { ModelStatus } from '../protocol/models.ts'
import type { Log } from '../telemetry/log.ts'
import type { Engine } from './engine.ts'
import type { ModelSlot } from './model-slot.ts'

/** What a slot needs from the house, and tells it. */
export interface SlotHost {
  readonly engine: Engine
  readonly clock: Clock
  readonly log: Log
  isPinned(modelId: string): boolean
  changed(status: ModelStatus): void
  joinQueue(slot: ModelSlot): void
  leaveQueue(slot: ModelSlot): void
  /** Memory has become free, or this model idle. */
  roomChanged(): void
}
