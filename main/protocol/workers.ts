import { z } from 'zod'
import { modelStatus } from './models.ts'

export const hardware = z.object({
  chipModel: z.string(),
  /** 1 for M1 …; 0 where the chip is not one of Apple's. */
  chipGeneration: z.number().int().nonnegative(),
  variant: z.enum(['base', 'pro', 'max', 'ultra', 'other']),
  gpuCores: z.number().nonnegative(),
  cpuCores: z.number().nonnegative(),
  performanceCores: z.number().nonnegative(),
  efficiencyCores: z.number().nonnegative(),
  unifiedMemoryGB: z.number().nonnegative(),
  metalVersion: z.string().nullable(),
  osVersion: z.string(),
})
export type Hardware = z.infer<typeof hardware>

export const workerStatus = z.enum(['online', 'degraded', 'offline'])
export type WorkerStatus = z.infer<typeof workerStatus>

export const workerMetrics = z.object({
  cpuUsagePercent: z.number(),
  memoryUsedGB: z.number(),
  gpuUtilizationPercent: z.number(),
  activeRequests: z.number().int().nonnegative(),
  /** Accepted requests that wait for a model or for a place in its batch. */
  queuedRequests: z.number().int().nonnegative(),
  /** Since the worker started; missing in heartbeats of earlier releases. */
  totalTokensGenerated: z.number().int().nonnegative().optional(),
  totalRequestsHandled: z.number().int().nonnegative(),
  avgLatencyMs: z.number().nonnegative(),
  /** Ids of the models that answer at once. */
  modelsLoaded: z.array(z.string()),
  availableMemoryGB: z.number().nonnegative(),
  /** Measured decode speed of each model on this worker, tokens per second over all its streams. */
  tokensPerSecond: z.record(z.string(), z.number().nonnegative()),
  /** The same for one stream alone, reckoned from what streams really got; a model that is missing is not measured yet. */
  streamTokensPerSecond: z.record(z.string(), z.number().positive()).optional(),
})
export type WorkerMetrics = z.infer<typeof workerMetrics>

/** `worker.register`: said at start, and again to whoever announces itself. */
export const registration = z.object({
  workerId: z.string(),
  hostname: z.string(),
  ip: z.string(),
  port: z.number().int(),
  hardware,
  capabilities: z.object({
    /** Requests that the worker takes before it answers `busy`. */
    maxConcurrent: z.number().int().positive(),
    supportedModelTiers: z.array(z.string()),
    availableMemoryGB: z.number().nonnegative(),
  }),
  priority: z.number().min(0).max(100),
  status: workerStatus,
  /** When this run of the peer began, ms since the epoch: a higher one replaces a lower one of the same id. */
  epoch: z.number(),
  timestamp: z.number(),
})
export type Registration = z.infer<typeof registration>

/**
 * Whether a Mac works for others. `paused`: it finishes nothing for them that another Mac can go on with, and takes
 * requests of its own gateway only. `leaving`: it takes nothing any more.
 */
export const sharing = z.object({
  state: z.enum(['on', 'paused', 'leaving']),
  /** Why it is not on, for a reader: "on battery". */
  reason: z.string().nullable(),
  /** When a pause ends by itself, ms since the epoch. */
  untilMs: z.number().nullable(),
})
export type Sharing = z.infer<typeof sharing>

/** What the system says of its power and heat; null where it says nothing. */
export const workerPower = z.object({
  onBattery: z.boolean().nullable(),
  batteryPercent: z.number().nullable(),
  thermalState: z.enum(['nominal', 'fair', 'serious', 'critical']).nullable(),
  temperatureCelsius: z.number().nullable(),
})
export type WorkerPower = z.infer<typeof workerPower>
/** The reasons to pause that only the owner ends. */
export const ownersReasons = ['sharing is switched off', 'its owner asked for it'] as const

/** What the switch says: a Mac that pauses by itself, because it is hot or on battery, is still meant to be shared. */
export function isMeantToShare(sharing: Sharing | null): boolean {
  if (sharing === null || sharing.state === 'leaving') return false
  return sharing.state === 'on' || !ownersReasons.some(each => each === sharing.reason)
}

const mostMinutes = 7 * 24 * 60

/** `worker.{id}.sharing`: what the Mac's owner wants. A pause without `minutes` lasts until somebody says `on`. */
export const sharingOrder = z
  .strictObject({
    state: z.enum(['on', 'off', 'paused']),
    minutes: z.number().int().min(1).max(mostMinutes).optional(),
  })
  .refine(({ state, minutes }) => state === 'paused' || minutes === undefined, {
    path: ['minutes'],
    message: 'only "paused" takes minutes',
  })
export type SharingOrder = z.infer<typeof sharingOrder>

/** `worker.heartbeat`: each second. `models` is complete: what it does not name, the worker does not have. */
export const heartbeat = z.object({
  workerId: z.string(),
  epoch: z.number(),
  status: workerStatus,
  metrics: workerMetrics,
  sharing,
  /** Missing in those of earlier releases. */
  power: workerPower.optional(),
  /** Hashes of the conversations whose beginnings are in the prefix caches now (`protocol/prefixes.ts`). */
  prefixes: z.array(z.string()),
  models: z.array(modelStatus),
  timestamp: z.number(),
})
export type Heartbeat = z.infer<typeof heartbeat>

/** `cluster.announce`: a peer has come and wants to know who is here. `cluster.shutdown`: it leaves in order. */
export const presence = z.object({ workerId: z.string(), epoch: z.number(), timestamp: z.number() })
export type Presence = z.infer<typeof presence>

/** `cluster.peer`: each second, whatever its role. */
export const peerBeat = z.object({
  workerId: z.string(),
  epoch: z.number(),
  name: z.string(),
  version: z.string(),
  mode: z.enum(['controller', 'worker', 'dual', 'standalone']),
  /** Of its copy of the roster; null: it is in no mesh. */
  roster: z.string().nullable(),
  /** Where its nats-server takes routes; null: nowhere. */
  route: z.object({ addresses: z.array(z.string()), port: z.number().int() }).nullable(),
  timestamp: z.number(),
})
export type PeerBeat = z.infer<typeof peerBeat>

const refusedCommand = z.object({ ok: z.literal(false), code: z.string(), error: z.string() })

/** What became of an order: the state of the Mac now. */
export const sharingAnswer = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), sharing }),
  refusedCommand,
])
export type SharingAnswer = z.infer<typeof sharingAnswer>

/**
 * `model.load.{id}` and `model.unload.{id}`, answered with `model.status`. `from`: the Macs that a worker without the
 * model may copy it from.
 */
export const modelCommand = z.object({ modelId: z.string(), from: z.array(z.string()).optional() })
export type ModelCommand = z.infer<typeof modelCommand>

/** `model.pin.{id}`, answered with `model.status`. */
export const pinCommand = z.object({ modelId: z.string(), pinned: z.boolean() })
export type PinCommand = z.infer<typeof pinCommand>

export const modelCommandAnswer = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), status: modelStatus }),
  refusedCommand,
])
export type ModelCommandAnswer = z.infer<typeof modelCommandAnswer>
