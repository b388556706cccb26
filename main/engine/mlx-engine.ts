// The real engine: one Python process for each loaded model (python/README.md).
import type { Clock } from '../protocol/clock.ts'
import type { Log } from '../telemetry/log.ts'
import type { Engine } from './engine.ts'
import { MlxModel } from './mlx-model.ts'
import { type RuntimeOptions, visionLayerOf } from './runtime-process.ts'

export interface MlxEngineOptions extends RuntimeOptions {
  readonly clock: Clock
  readonly log: Log
}

export function createMlxEngine(options: MlxEngineOptions): Engine {
  return {
    get seesImages() {
      return visionLayerOf(options) !== null
    },
    load: async (files, onPhase, signal) => {
      signal.throwIfAborted()
      const model = new MlxModel(files, options, onPhase)
      const giveUp = () => model.kill('was not wanted any more')
      signal.addEventListener('abort', giveUp, { once: true })
      try {
        await model.ready
        return model
      } catch (error) {
        await model.exited
        signal.throwIfAborted()
        throw error
      } finally {
        signal.removeEventListener('abort', giveUp)
      }
    },
  }
}
