// Models that wait for memory, first come first served: makes room for the first, and tells it when it fits.
import type { Clock } from '../protocol/clock.ts'
import { MeshError } from '../protocol/errors.ts'
import { type MemoryLimits, type Occupant, planRoom } from './room.ts'

export interface RoomSeeker {
  readonly modelId: string
  /** Memory that it will take, as far as one can tell from its files. */
  readonly needBytes: number
  start(): void
  refuse(error: MeshError): void
}

export interface RoomQueueOptions {
  readonly limits: MemoryLimits
  readonly waitMs: number
  readonly clock: Clock
  occupants(): readonly Occupant[]
  evict(modelId: string): void
}

export class RoomQueue {
  readonly #options: RoomQueueOptions
  readonly #waiting = new Map<RoomSeeker, () => void>()

  constructor(options: RoomQueueOptions) {
    this.#options = options
  }

  join(seeker: RoomSeeker): void {
    const { clock, waitMs } = this.#options
    this.#waiting.set(
      seeker,
      clock.after(waitMs, () => this.#giveUp(seeker)),
    )
    this.reconsider()
  }

  leave(seeker: RoomSeeker): void {
    this.#waiting.get(seeker)?.()
    this.#waiting.delete(seeker)
  }

  /** To be called when memory has become free, or a model idle. */
  reconsider(): void {
    for (const seeker of [...this.#waiting.keys()]) {
      if (!this.#waiting.has(seeker)) continue
      const plan = planRoom(seeker.needBytes, this.#options.occupants(), this.#options.limits)
      if (plan.kind === 'wait') return
      if (plan.kind === 'evict') {
        // They are gone when their processes are; that is reported by another `reconsider`.
        for (const modelId of plan.modelIds) this.#options.evict(modelId)
        return
      }
      this.leave(seeker)
      if (plan.kind === 'fits') seeker.start()
      else if (plan.kind === 'pinned') seeker.refuse(allPinned(seeker, plan.modelIds))
      else seeker.refuse(this.#tooLarge(seeker))
    }
  }

  #giveUp(seeker: RoomSeeker): void {
    this.leave(seeker)
    const others = this.#options.occupants().map(occupant => occupant.modelId)
    const busy = others.length === 0 ? 'other models were loading first' : `${others.join(', ')} stayed busy`
    seeker.refuse(
      new MeshError(
        'INSUFFICIENT_MEMORY',
        `There was no room for ${seeker.modelId} within ${this.#options.waitMs / 1000} s: ${busy}. Try again later, unload a model, or allow more memory or more loaded models.`,
        { retryAfterMs: 10_000 },
      ),
    )
    this.reconsider()
  }

  #tooLarge({ modelId, needBytes }: RoomSeeker): MeshError {
    const { budgetBytes } = this.#options.limits
    return new MeshError(
      'INSUFFICIENT_MEMORY',
      `${modelId} needs about ${gigabytes(needBytes)}, and models may use ${gigabytes(budgetBytes)} of this Mac's memory. Use a smaller model or a version with fewer bits per weight.`,
    )
  }
}

function allPinned({ modelId }: RoomSeeker, pinned: readonly string[]): MeshError {
  const stay =
    pinned.length === 1 ? `${pinned[0]} is pinned and stays` : `${pinned.join(', ')} are pinned and stay`
  return new MeshError(
    'INSUFFICIENT_MEMORY',
    `There is no room for ${modelId} on this Mac: ${stay} in memory. Unpin or unload one of the pinned models, or allow more memory or more loaded models.`,
  )
}

function gigabytes(bytes: number): string {
  return `${(bytes / 2 ** 30).toFixed(1)} GB`
}
