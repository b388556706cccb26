// Says who this worker is and how it does: registration, heartbeats, model states, answers to health checks; passes on
// what it is told to do.
import type { Bus, BusMessage } from '../fabric/bus.ts'
import type { Clock } from '../protocol/clock.ts'
import { asMeshError } from '../protocol/errors.ts'
import { decodeJson, encodeJson } from '../protocol/json.ts'
import type { ModelStatus } from '../protocol/models.ts'
import { subjects } from '../protocol/subjects.ts'
import {
  type Hardware,
  type Heartbeat,
  type ModelCommand,
  type ModelCommandAnswer,
  modelCommand,
  type Presence,
  pinCommand,
  type Registration,
  type SharingAnswer,
  sharingOrder,
  type WorkerMetrics,
} from '../protocol/workers.ts'
import type { Log } from '../telemetry/log.ts'
import type { CopiedModels } from './copied-models.ts'
import type { LoadWatch } from './load-figures.ts'
import type { PowerWatch } from './power.ts'
import type { Serving } from './serve.ts'
import type { SharingState } from './sharing.ts'

export interface ReportOptions {
  readonly identity: Pick<Registration, 'workerId' | 'hostname' | 'ip' | 'port' | 'epoch' | 'priority'>
  readonly bus: Bus
  readonly models: Omit<CopiedModels, 'close'>
  readonly serving: Serving
  readonly sharing: Pick<SharingState, 'now' | 'obey' | 'onChange'>
  readonly clock: Clock
  readonly log: Log
  readonly hardware: Hardware
  readonly supportedModelTiers: readonly string[]
  readonly maxConcurrent: number
  readonly heartbeatIntervalMs: number
  readonly metricsIntervalMs: number
  /** The machine's load now; must not block. */
  readonly readLoad: LoadWatch['read']
  /** What the system says of its power and heat; must not block. */
  readonly readPower: PowerWatch['read']
}

type Order = (command: ModelCommand) => Promise<ModelStatus>

export interface Reporting {
  /** Heartbeats end, then the others are told that this worker leaves. */
  leave(): void
}

export function reportWorker(options: ReportOptions): Reporting {
  const { identity, bus, models, serving, sharing, clock, log } = options
  const { workerId, epoch } = identity

  const stop = [
    bus.subscribe(subjects.announce, register),
    bus.subscribe(
      subjects.modelLoad(workerId),
      modelCommanded(({ modelId, from = [] }) => models.load(modelId, from)),
    ),
    bus.subscribe(
      subjects.modelUnload(workerId),
      modelCommanded(async ({ modelId }) => models.unload(modelId)),
    ),
    bus.subscribe(subjects.modelPin(workerId), message =>
      modelAnswered(message, async said => {
        const { modelId, pinned } = pinCommand.parse(said)
        return models.pin(modelId, pinned)
      }),
    ),
    bus.subscribe(
      subjects.modelRemove(workerId),
      modelCommanded(({ modelId }) => models.remove(modelId)),
    ),
    bus.subscribe(subjects.sharing(workerId), sharingCommanded),
    bus.subscribe(subjects.healthCheck(), answerHealthCheck),
    bus.subscribe(subjects.healthCheck(workerId), answerHealthCheck),
    bus.onReconnect(register),
    models.onChange(status => {
      say(subjects.modelStatus, { workerId, ...status })
      beat()
    }),
    sharing.onChange(beat),
    clock.every(options.heartbeatIntervalMs, beat),
    clock.every(options.metricsIntervalMs, () =>
      say(subjects.metricsReport, { workerId, metrics: metrics(), timestamp: clock.now() }),
    ),
  ]
  register()

  return {
    leave: () => {
      for (const end of stop) end()
      say(subjects.shutdown, { workerId, epoch, timestamp: clock.now() } satisfies Presence)
    },
  }

  function register(): void {
    say(subjects.register, {
      ...identity,
      hardware: options.hardware,
      capabilities: {
        maxConcurrent: options.maxConcurrent,
        supportedModelTiers: [...options.supportedModelTiers],
        availableMemoryGB: options.readLoad().availableMemoryGB,
      },
      status: 'online',
      timestamp: clock.now(),
    } satisfies Registration)
    beat()
  }

  function beat(): void {
    say(subjects.heartbeat, {
      workerId,
      epoch,
      status: 'online',
      metrics: metrics(),
      sharing: sharing.now(),
      power: options.readPower(),
      prefixes: serving.cachedPrefixes.list(),
      models: [...models.list()],
      timestamp: clock.now(),
    } satisfies Heartbeat)
  }

  function metrics(): WorkerMetrics {
    return {
      ...options.readLoad(),
      activeRequests: serving.activeRequests,
      queuedRequests: serving.queuedRequests,
      totalRequestsHandled: serving.throughput.totalRequests,
      totalTokensGenerated: serving.throughput.totalTokens,
      avgLatencyMs: serving.throughput.avgLatencyMs,
      modelsLoaded: models.list().flatMap(model => (model.state === 'ready' ? [model.modelId] : [])),
      tokensPerSecond: serving.throughput.tokensPerSecond(),
      streamTokensPerSecond: serving.throughput.streamTokensPerSecond(),
    }
  }

  function answerHealthCheck(message: BusMessage): void {
    const answer = { workerId, status: 'online', metrics: metrics(), timestamp: clock.now() }
    if (message.wantsAnswer) message.respond(encodeJson(answer))
    else say(subjects.healthResponse, answer)
  }

  function modelCommanded(order: Order): (message: BusMessage) => void {
    return message => modelAnswered(message, async said => order(modelCommand.parse(said)))
  }

  function modelAnswered(message: BusMessage, obey: (said: unknown) => Promise<ModelStatus>): void {
    void answer<ModelCommandAnswer>(message, async said => ({ ok: true, status: await obey(said) }))
  }

  function sharingCommanded(message: BusMessage): void {
    void answer<SharingAnswer>(message, async said => ({
      ok: true,
      sharing: sharing.obey(sharingOrder.parse(said)),
    }))
  }

  /** Never rejects: what goes wrong is the answer. */
  async function answer<T>(message: BusMessage, obey: (said: unknown) => Promise<T>): Promise<void> {
    let answered: T | { readonly ok: false; readonly code: string; readonly error: string }
    try {
      answered = await obey(decodeJson(message.data))
    } catch (thrown) {
      const { code, message: error } = asMeshError(thrown)
      answered = { ok: false, code, error }
    }
    try {
      message.respond(encodeJson(answered))
    } catch (thrown) {
      log.debug('an answer could not be sent', { error: asMeshError(thrown).message })
    }
  }

  function say(subject: string, value: unknown): void {
    try {
      bus.publish(subject, encodeJson(value))
    } catch (thrown) {
      log.debug('a report could not be sent', { subject, error: asMeshError(thrown).message })
    }
  }
}
