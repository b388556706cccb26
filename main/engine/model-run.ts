import type { EngineModel } from './engine.ts'
import type { ModelLease } from './models.ts'

/** One process of a model, and how many requests use it. */
export class ModelRun {
  readonly model: EngineModel
  #leases = 0

  constructor(model: EngineModel) {
    this.model = model
  }

  get leases(): number {
    return this.#leases
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
