// What the models of this Mac do, whoever asked: it is the part of `/metrics` that no other Mac repeats.
import { Histogram, type Registry } from 'prom-client'
import type { ModelLabels } from './model-labels.ts'

export interface ServedFigures {
  /** A sequence of this Mac has come to its end. */
  served(sequence: ServedSequence): void
}

interface ServedSequence {
  readonly modelId: string
  /** Until its model was there. */
  readonly loadMs: number
  /** Until it had a place in the batch. */
  readonly queuedMs: number
  /** Until its first token. */
  readonly prefillMs: number
  /** For the tokens behind that. */
  readonly decodeMs: number
}

const buckets = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300]

export function countServed(registry: Registry, labels: ModelLabels): ServedFigures {
  const load = phase('load', 'Time that a sequence waited for its model to be loaded.')
  const queue = phase('queue', 'Time that a sequence waited for a place in the batch.')
  const prefill = phase('prefill', 'Time from there to the first token: the prompt is read.')
  const decode = phase('decode', 'Time from the first token to the last one.')
  return {
    served({ modelId, loadMs, queuedMs, prefillMs, decodeMs }) {
      const model = labels.known(modelId)
      load.observe({ model }, loadMs / 1000)
      queue.observe({ model }, queuedMs / 1000)
      prefill.observe({ model }, prefillMs / 1000)
      decode.observe({ model }, decodeMs / 1000)
    },
  }

  function phase(name: string, help: string): Histogram<'model'> {
    const registers = [registry]
    return new Histogram({
      name: `mlx_engine_${name}_seconds`,
      help,
      labelNames: ['model'],
      buckets,
      registers,
    })
  }
}
