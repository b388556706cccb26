import type { ModelStatus } from '../protocol/models.ts'
import type { EngineModel } from './engine.ts'

/** The models of this Mac: which are on disk, which are loaded, and who may use them. */
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
  close(): Promise<void>
}

export interface ModelLease {
  readonly model: EngineModel
  release(): void
}
