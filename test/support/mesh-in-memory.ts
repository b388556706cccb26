// One gateway and its workers with scripted engines, on a bus in memory or on another one: the whole way of a request
// but HTTP and Python.
import { type ClusterView, createClusterView } from '../../main/cluster/view.ts'
import { fixedCatalog } from '../../main/engine/catalog.ts'
import type { Engine } from '../../main/engine/engine.ts'
import { createModels, type Models } from '../../main/engine/models.ts'
import { createScriptedEngine, type Script } from '../../main/engine/scripted-engine.ts'
import type { ScriptedModel } from '../../main/engine/scripted-model.ts'
import type { Bus } from '../../main/fabric/bus.ts'
import { createMemoryExchange, type MemoryBus } from '../../main/fabric/memory-bus.ts'
import { createWorkerChoice, type WorkerChoice } from '../../main/gateway/choose-worker.ts'
import { receiveAnswers } from '../../main/gateway/incoming-answers.ts'
import { createInfer, type Infer, type InferEvent, type Sequence } from '../../main/gateway/infer.ts'
import { type Clock, realClock } from '../../main/protocol/clock.ts'
import type { Hardware, Sharing } from '../../main/protocol/workers.ts'
import type { ServedFigures } from '../../main/telemetry/engine-metrics.ts'
import { type Log, silentLog } from '../../main/telemetry/log.ts'
import type { Tracing } from '../../main/telemetry/tracing.ts'
import { reportWorker } from '../../main/worker/report.ts'
import { type Serving, serveRequests } from '../../main/worker/serve.ts'
import { sharingOn } from '../../main/worker/sharing-policy.ts'
import { modelFiles } from './models.ts'
import { defaultPolicy } from './routing.ts'

export const laptop: Hardware = {
  chipModel: 'Apple M3 Pro',
  chipGeneration: 3,
  variant: 'pro',
  gpuCores: 18,
  cpuCores: 12,
  performanceCores: 6,
  efficiencyCores: 6,
  unifiedMemoryGB: 36,
  metalVersion: '3',
  osVersion: 'macOS 15.1',
}

export interface Mesh<B extends Bus> {
  readonly infer: Infer
  readonly view: ClusterView
  readonly choice: WorkerChoice
  readonly gatewayBus: B
  readonly workers: readonly MeshWorker<B>[]
}

export interface MeshWorker<B extends Bus> {
  readonly workerId: string
  readonly bus: B
  readonly serving: Serving
  readonly models: Models
  /** Its "process" now. Throws while there is none. */
  readonly model: ScriptedModel
}

export interface MeshOptions {
  readonly script?: Partial<Script>
  /** Asked at each load; `script` is what it leaves open. */
  readonly scriptOf?: (workerId: string) => Partial<Script>
  readonly fingerprintOf?: (workerId: string) => string
  /** Instead of the scripted one, and the folder of its model. */
  readonly engine?: { readonly engine: Engine; readonly folder: string }
  readonly workers?: number
  readonly maxConcurrent?: number
  readonly contextTokens?: number
  /** Of its model; without it the model makes text. */
  readonly kind?: 'embedding'
  /** Its model sees images, but where the script of a worker says that it is `blind`. */
  readonly hasEyes?: boolean
  /** What a worker (`worker1` …) says of sharing; without it all share. */
  readonly sharingOf?: (workerId: string) => Sharing
  readonly clock?: Clock
  readonly log?: Log
  /** Of the gateway, and of each worker (`worker1` …). */
  readonly tracingOf?: (who: string) => Tracing
  readonly figures?: ServedFigures
}

export function startMemoryMesh(options: MeshOptions = {}): Promise<Mesh<MemoryBus>> {
  const exchange = createMemoryExchange({ clock: options.clock ?? realClock })
  return startMesh(async () => exchange.join(), options)
}

/** Each worker has the model `scripted` loaded. */
export async function startMesh<B extends Bus>(
  join: () => Promise<B>,
  options: MeshOptions = {},
): Promise<Mesh<B>> {
  const { clock = realClock, log = silentLog } = options
  const gatewayBus = await join()
  const self = { workerId: 'gateway', epoch: 1 }
  const view = createClusterView({ bus: gatewayBus, clock, log, offlineTimeoutMs: 3500, self })
  const answers = receiveAnswers({ gatewayId: 'gateway-1', bus: gatewayBus, clock, log })
  const workers = []
  for (let n = 1; n <= (options.workers ?? 1); n++) {
    const bus = await join()
    const workerId = `worker${n}`
    const scripted = createScriptedEngine(clock, () => ({
      ...options.script,
      ...options.scriptOf?.(workerId),
    }))
    const { engine = scripted, folder = '/' } = options.engine ?? {}
    const files = modelFiles('scripted', {
      folder,
      sizeBytes: 1,
      contextTokens: options.contextTokens ?? 4096,
      kind: options.kind,
      hasEyes: options.hasEyes,
      fingerprint: options.fingerprintOf?.(workerId) ?? 'scripted',
    })
    const limits = { maxLoaded: 1, budgetBytes: 2 ** 40 }
    const models = createModels({ engine, catalog: fixedCatalog([files]), clock, log, limits })
    models.load('scripted')
    await loaded(models)
    const maxConcurrent = options.maxConcurrent ?? 256
    const now = () => options.sharingOf?.(workerId) ?? sharingOn
    const sharing = { now, obey: now, onChange: () => () => {} }
    const observers = { tracing: options.tracingOf?.(workerId) ?? null, figures: options.figures ?? null }
    const serving = serveRequests({ workerId, bus, models, sharing, clock, log, maxConcurrent, observers })
    reportWorker({
      identity: { workerId, hostname: workerId, ip: '127.0.0.1', port: 8080, epoch: 1, priority: 50 },
      bus,
      models: {
        ...models,
        load: async modelId => models.load(modelId),
        remove: async modelId => models.unload(modelId),
      },
      serving,
      sharing,
      clock,
      log,
      hardware: laptop,
      supportedModelTiers: [],
      maxConcurrent,
      heartbeatIntervalMs: 1000,
      metricsIntervalMs: 10_000,
      readLoad: () => ({
        cpuUsagePercent: 0,
        memoryUsedGB: 8,
        gpuUtilizationPercent: 0,
        availableMemoryGB: 20,
      }),
      readPower: () => ({
        onBattery: false,
        batteryPercent: 80,
        thermalState: 'nominal',
        temperatureCelsius: null,
      }),
    })
    workers.push({
      workerId,
      bus,
      serving,
      models,
      get model() {
        const model = scripted.running.get('scripted')
        if (!model) throw new Error('the scripted model is not loaded')
        return model
      },
    })
    await bus.flush(1000)
  }
  await gatewayBus.flush(1000)
  await gatewayBus.flush(1000)
  const choice = createWorkerChoice({
    view,
    activeOn: answers.activeOn,
    policy: defaultPolicy,
    selfId: self.workerId,
    clock,
    log,
  })
  const tracing = options.tracingOf?.('gateway') ?? null
  const infer = createInfer(choice, answers, { view, clock, tracing })
  return { infer, view, gatewayBus, workers, choice }
}

export function sequence(more: Partial<Sequence> = {}): Sequence {
  return { modelId: 'scripted', messages: [{ role: 'user', content: 'Hello' }], temperature: 0, ...more }
}

export async function readAll(events: AsyncIterable<InferEvent>): Promise<InferEvent[]> {
  const all: InferEvent[] = []
  for await (const event of events) all.push(event)
  return all
}

/** The text of all events, rendered or not. */
export function textOf(events: readonly InferEvent[]): string {
  return events
    .map(event => {
      if (event.type === 'token') return event.token
      return event.type === 'rendered' ? Buffer.from(event.bytes).toString() : ''
    })
    .join('')
}

/** Resolves when the model is loaded, or has failed. */
function loaded(models: Models): Promise<void> {
  return new Promise(resolve => {
    const stop = models.onChange(({ state }) => {
      if (state !== 'ready' && state !== 'failed') return
      stop()
      resolve()
    })
  })
}
