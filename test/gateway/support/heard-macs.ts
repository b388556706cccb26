// A gateway's choice over a real view, of Macs that a test makes up: they exist in their messages only.
import { createClusterView } from '../../../main/cluster/view.ts'
import { createMemoryExchange } from '../../../main/fabric/memory-bus.ts'
import { createWorkerChoice, type WorkerChoice } from '../../../main/gateway/choose-worker.ts'
import { encodeJson } from '../../../main/protocol/json.ts'
import type { ModelStatus } from '../../../main/protocol/models.ts'
import { subjects } from '../../../main/protocol/subjects.ts'
import type { Heartbeat, Registration, WorkerMetrics } from '../../../main/protocol/workers.ts'
import type { RoutingPolicy } from '../../../main/routing/candidate.ts'
import { recordLog } from '../../fabric/record-log.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { laptop, sequence } from '../../support/mesh-in-memory.ts'
import { defaultPolicy } from '../../support/routing.ts'

export interface Mac {
  readonly registration?: Partial<Registration>
  readonly metrics?: Partial<WorkerMetrics>
  readonly sharing?: Heartbeat['sharing']['state']
  readonly prefixes?: string[]
  readonly model?: Partial<ModelStatus>
}

export interface HeardMacs {
  readonly clock: ManualClock
  readonly choice: WorkerChoice
  readonly lines: ReturnType<typeof recordLog>['lines']
  /** What this gateway has under way, by Mac. */
  readonly underWay: Map<string, number>
  /** Registers a Mac, or changes what it says of itself; its model is `scripted`. */
  say(workerId: string, mac?: Mac): Promise<void>
  /** The Mac for a sequence. */
  choose(more?: Parameters<typeof sequence>[0], excluded?: readonly string[]): string
}

/** `own` is the worker of the peer that chooses. */
export function hearMacs(policy: Partial<RoutingPolicy> = {}): HeardMacs {
  const clock = new ManualClock()
  const { log, lines } = recordLog()
  const exchange = createMemoryExchange({ clock })
  const self = { workerId: 'own', epoch: 1 }
  const view = createClusterView({ bus: exchange.join(), clock, log, offlineTimeoutMs: 3_600_000, self })
  const bus = exchange.join()
  const underWay = new Map<string, number>()
  const choice = createWorkerChoice({
    view,
    activeOn: workerId => underWay.get(workerId) ?? 0,
    policy: { ...defaultPolicy, ...policy },
    selfId: self.workerId,
    clock,
    log,
  })
  return {
    clock,
    choice,
    lines,
    underWay,
    say: async (workerId, mac = {}) => {
      bus.publish(subjects.register, encodeJson(registrationOf(workerId, mac)))
      bus.publish(subjects.heartbeat, encodeJson(heartbeatOf(workerId, mac)))
      await bus.flush(1000)
    },
    choose: (more, excluded = []) => choice.choose(sequence(more), new Set(excluded)).workerId,
  }
}

export function registrationOf(workerId: string, { registration }: Mac = {}): Registration {
  return {
    workerId,
    hostname: `${workerId}.local`,
    ip: '127.0.0.1',
    port: 8080,
    hardware: laptop,
    capabilities: { maxConcurrent: 10, supportedModelTiers: [], availableMemoryGB: 20 },
    priority: 50,
    status: 'online',
    epoch: 1,
    timestamp: 0,
    ...registration,
  }
}

export function heartbeatOf(
  workerId: string,
  { metrics, sharing = 'on', prefixes = [], model, registration }: Mac,
): Heartbeat {
  return {
    workerId,
    epoch: registration?.epoch ?? 1,
    status: 'online',
    metrics: {
      cpuUsagePercent: 0,
      memoryUsedGB: 8,
      gpuUtilizationPercent: 0,
      activeRequests: 0,
      queuedRequests: 0,
      totalRequestsHandled: 0,
      avgLatencyMs: 0,
      modelsLoaded: [],
      availableMemoryGB: 20,
      tokensPerSecond: {},
      ...metrics,
    },
    sharing: { state: sharing, reason: null, untilMs: null },
    prefixes,
    models: [
      {
        modelId: 'scripted',
        fingerprint: 'f',
        state: 'ready',
        reason: null,
        sizeBytes: 2 ** 30,
        memoryBytes: 0,
        contextTokens: 4096,
        createdAtMs: 0,
        lastUsedAtMs: null,
        activeRequests: 0,
        ...model,
      },
    ],
    timestamp: 0,
  }
}
