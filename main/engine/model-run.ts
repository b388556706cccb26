import type { EngineModel } from './engine.ts'
import type { ModelLease } from './models.ts'

/** One process of a model: how many requests use it, and what it was told that it may take. */
export class ModelRun {
  readonly model: EngineModel
  #leases = 0
  #limitBytes: number | null = null

  constructor(model: EngineModel) {
    this.model = model
  }

  get leases(): number {
    return this.#leases
  }

  /** Asked for with each request that ends; the process hears only what is new to it. */
  limitMemory(bytes: number): void {
    if (bytes === this.#limitBytes) return
    this.#limitBytes = bytes
    this.model.limitMemory(bytes)
  }

  /** Giving the lease back more than once does nothing. */
  lease(onReleased: () => void): ModelLease {
    this.#leases += 1
    let isHeld = true
    const release = () => {
      if (!isHeld) return
      isHeld = false
      this.#leases -= 1
      onReleased()
    }
    return { model: this.model, release }
  }
}
