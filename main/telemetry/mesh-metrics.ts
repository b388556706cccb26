// What this Mac has heard of each Mac of the mesh, asked for when somebody reads `/metrics`. Every Mac says the same, so
// whoever reads several takes the maximum by `worker_id`.
import { Counter, Gauge, type Registry } from 'prom-client'

export interface WorkerFigures {
  readonly workerId: string
  readonly activeRequests: number
  readonly totalRequestsHandled: number
  /** The rest is missing in what is known of a Mac before its first heartbeat. */
  readonly name?: string
  readonly chip?: string
  readonly online?: boolean
  readonly sharing?: boolean
  readonly queuedRequests?: number
  readonly generatedTokens?: number
  readonly gpuPercent?: number
  readonly memoryBytes?: number
  readonly memoryUsedBytes?: number
  readonly models?: readonly ModelFigures[]
}

interface ModelFigures {
  readonly modelId: string
  readonly state: 'loaded' | 'failed' | 'other'
  readonly memoryBytes: number
}

type Labels = Readonly<Record<string, string>>
type Sample = readonly [labels: Labels, value: number | undefined]

export function describeMesh(registry: Registry, workers: () => Iterable<WorkerFigures>): void {
  const of = (figure: (worker: WorkerFigures) => number | undefined) => (worker: WorkerFigures) => [
    [{ worker_id: worker.workerId }, figure(worker)] as const,
  ]
  const ofModels = (figure: (model: ModelFigures) => number | undefined) => (worker: WorkerFigures) =>
    (worker.models ?? []).map(
      model => [{ worker_id: worker.workerId, model: model.modelId }, figure(model)] as const,
    )

  show('info', 'Names of a Mac; always 1.', ['name', 'chip'], ({ workerId, name, chip }) =>
    name === undefined ? [] : [[{ worker_id: workerId, name, chip: chip ?? '' }, 1]],
  )
  show(
    'online',
    '1: the Mac is there.',
    [],
    of(worker => flagOf(worker.online)),
  )
  show(
    'sharing',
    '1: the Mac works for others.',
    [],
    of(worker => flagOf(worker.sharing)),
  )
  show(
    'active_requests',
    'Requests that a worker has in hand.',
    [],
    of(worker => worker.activeRequests),
  )
  show(
    'queued_requests',
    'Of these, those that wait.',
    [],
    of(worker => worker.queuedRequests),
  )
  count(
    'total_requests',
    'Requests that a worker has handled since it started.',
    worker => worker.totalRequestsHandled,
  )
  count(
    'generated_tokens_total',
    'Tokens that a worker has generated since it started.',
    w => w.generatedTokens,
  )
  show(
    'gpu_utilization_ratio',
    'How busy the GPU is, from 0 to 1.',
    [],
    of(({ gpuPercent }) => ratioOf(gpuPercent)),
  )
  show(
    'memory_bytes',
    'Memory of the Mac.',
    [],
    of(worker => worker.memoryBytes),
  )
  show(
    'memory_used_bytes',
    'Of it, what is taken.',
    [],
    of(worker => worker.memoryUsedBytes),
  )
  const model = ['model']
  show(
    'model_loaded',
    '1: the model answers at once.',
    model,
    ofModels(({ state }) => flagOf(state === 'loaded')),
  )
  show(
    'model_failed',
    '1: the model cannot be loaded.',
    model,
    ofModels(({ state }) => flagOf(state === 'failed')),
  )
  show(
    'model_memory_bytes',
    'Memory of the process of a model.',
    model,
    ofModels(each => each.memoryBytes),
  )

  function show(
    name: string,
    help: string,
    more: readonly string[],
    samples: (worker: WorkerFigures) => readonly Sample[],
  ): void {
    new Gauge({
      name: `mlx_worker_${name}`,
      help,
      labelNames: ['worker_id', ...more],
      registers: [registry],
      collect() {
        this.reset()
        for (const worker of workers())
          for (const [labels, value] of samples(worker))
            if (value !== undefined) this.set({ ...labels }, value)
      },
    })
  }

  function count(name: string, help: string, total: (worker: WorkerFigures) => number | undefined): void {
    new Counter({
      name: `mlx_worker_${name}`,
      help,
      labelNames: ['worker_id'],
      registers: [registry],
      collect() {
        this.reset()
        for (const worker of workers()) this.inc({ worker_id: worker.workerId }, total(worker) ?? 0)
      },
    })
  }
}

function flagOf(flag: boolean | undefined): number | undefined {
  return flag === undefined ? undefined : Number(flag)
}

function ratioOf(percent: number | undefined): number | undefined {
  return percent === undefined ? undefined : percent / 100
}
