// The keys of `cluster.yaml` (below `cluster:`), their types and defaults. The names in the file are the names in the code.
import { totalmem } from 'node:os'
import { z } from 'zod'
import { usualBudgetGB } from '../protocol/model-memory.ts'

export interface KeyInfo {
  /** What the key takes, for a reader: "expected …". */
  readonly expected: string
  /** Never shown. */
  readonly secret?: true
  /** Part of the contract, without effect in this release: setting it is answered with a warning. */
  readonly notYet?: true
}

/** What is known of each key beyond its type; a schema that is not in here is a section. */
export const keyInfo = z.registry<KeyInfo>()

const later = { notYet: true } as const
const gibibyte = 2 ** 30

const flag = (normally: boolean, more: Partial<KeyInfo> = {}) =>
  z
    .boolean()
    .default(normally)
    .register(keyInfo, { expected: 'true or false', ...more })

const whole = (normally: number, min: number, max: number, more: Partial<KeyInfo> = {}) =>
  z
    .int()
    .min(min)
    .max(max)
    .default(normally)
    .register(keyInfo, { expected: `a whole number from ${min} to ${max}`, ...more })

const amount = (normally: number, more: Partial<KeyInfo> = {}) =>
  z
    .number()
    .positive()
    .default(normally)
    .register(keyInfo, { expected: 'a number above 0', ...more })

const oneOf = <const Names extends readonly [string, ...string[]]>(
  names: Names,
  normally: Names[number],
  more: Partial<KeyInfo> = {},
) =>
  z
    .enum(names)
    .default(normally)
    .register(keyInfo, { expected: `one of ${names.join(', ')}`, ...more })

const text = (normally: string, more: Partial<KeyInfo> = {}) =>
  z
    .string()
    .min(1)
    .default(normally)
    .register(keyInfo, { expected: 'text', ...more })

const optionalText = (more: Partial<KeyInfo> = {}) =>
  z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .register(keyInfo, { expected: 'text', ...more })

const optionalPort = () =>
  z
    .int()
    .min(1)
    .max(65_535)
    .nullable()
    .default(null)
    .register(keyInfo, { expected: 'a port from 1 to 65535' })

const texts = (normally: readonly string[], more: Partial<KeyInfo> = {}) =>
  z
    .array(z.string().min(1))
    .default([...normally])
    .register(keyInfo, { expected: 'a list of texts', ...more })

const hostNames = () =>
  z
    .array(z.string().regex(/^[^\s:/]+$/))
    .default([])
    .register(keyInfo, { expected: 'a list of names such as studio.local, without port' })

const staticWorker = z.strictObject({
  ip: z.union([z.ipv4(), z.ipv6()]),
  port: z.int().min(1).max(65_535).optional(),
  name: z.string().optional(),
  priority: z.number().min(0).max(100).default(50),
  tags: z.array(z.string()).default([]),
})

const tier = (minGpuCores: number, minMemoryGb: number) =>
  z.strictObject({
    min_gpu_cores: whole(minGpuCores, 0, 10_000),
    min_memory_gb: whole(minMemoryGb, 0, 100_000),
    preferred_chips: texts([]),
    preferred_workers: texts([]),
  })

export const clusterSchema = z.strictObject({
  /** `controller` routes and runs nothing, `worker` runs and never leads, `standalone` has no network at all. */
  mode: oneOf(['controller', 'worker', 'dual', 'standalone'], 'dual'),
  controller: z.strictObject({
    bind_address: text('127.0.0.1', { expected: 'an address of this Mac' }),
    /** 0: any free one. */
    port: whole(8080, 0, 65_535, { expected: 'a port from 0 to 65535 (0: any free one)' }),
    /** null: the same port. */
    dashboard_port: optionalPort(),
    api: z.strictObject({
      /** Names beside localhost by which requests may call this Mac. */
      allowed_hosts: hostNames(),
      cors_enabled: flag(false),
      cors_origins: texts([], { expected: 'a list of origins such as https://example.org' }),
      rate_limit: z.strictObject({
        enabled: flag(true, later),
        requests_per_minute: whole(100, 1, 1_000_000, later),
      }),
    }),
  }),
  nats: z.strictObject({
    embedded: flag(true),
    server_url: optionalText({ expected: 'an address such as nats://host:4222' }),
    cluster_name: text('mlx-mesh'),
    /** Where the servers of other Macs of the mesh connect to; nothing listens there before this Mac is paired. */
    route_address: text('0.0.0.0', { expected: 'an address of this Mac, or 0.0.0.0 for all' }),
    route_port: whole(7422, 0, 65_535, { expected: 'a port from 0 to 65535 (0: any free one)' }),
    user: optionalText(),
    password: optionalText({ secret: true }),
    jetstream: z.strictObject({ enabled: flag(false, later), store_dir: optionalText(later) }),
  }),
  workers: z.strictObject({
    static: z
      .array(staticWorker)
      .default([])
      .register(keyInfo, { expected: 'a list of {ip, port, name, priority (0-100), tags}' }),
  }),
  discovery: z.strictObject({
    enabled: flag(true),
    method: oneOf(['mdns', 'nats', 'both'], 'both'),
    heartbeat_interval_ms: whole(1000, 100, 60_000),
    offline_timeout_ms: whole(3500, 200, 600_000),
    allow_dynamic_workers: flag(true),
    /** Outside loopback it cannot be off: Macs that have not been paired do not connect. */
    require_authentication: flag(true),
  }),
  load_balancing: z.strictObject({
    strategy: oneOf(['round_robin', 'least_loaded', 'hardware_aware'], 'hardware_aware'),
    sticky_sessions: flag(true),
    session_ttl_ms: whole(300_000, 1000, 86_400_000),
    prefer_model_loaded: flag(true),
    avoid_overloaded: flag(true),
  }),
  models: z.strictObject({
    tier_preferences: z.strictObject({
      '30B+': tier(30, 64),
      '13-27B': tier(20, 32),
      '7-13B': tier(15, 16),
      '3-7B': tier(10, 8),
      '<3B': tier(8, 8),
    }),
    /** A model that this Mac is asked to load and does not have is copied from a Mac that has it. */
    cache_coordination: z.strictObject({
      enabled: flag(true),
      strategy: oneOf(['distributed', 'none'], 'distributed'),
      /** What the copies may take on this Mac's disk, all together. */
      max_cache_gb_per_worker: amount(50),
    }),
    /** A model that is asked for by its full name, and that no Mac has, is downloaded from the Hugging Face hub. */
    download: z.strictObject({ enabled: flag(true) }),
    /** Models in memory at the same time. */
    max_loaded: whole(2, 1, 100),
    /** Memory that all loaded models may take together; at 80 % of it idle models make room. */
    memory_budget_gb: amount(usualBudgetGB(totalmem() / gibibyte)),
  }),
  /** When this Mac does not work for the others: its owner comes first. */
  sharing: z.strictObject({
    /** Until `mlx-mesh share` says otherwise. */
    enabled: flag(true),
    on_battery: oneOf(['pause', 'share'], 'pause'),
    /** The state from which on it pauses. */
    thermal: oneOf(['serious', 'critical', 'ignore'], 'serious'),
    /** Models of our own cause warnings, too: hence `critical`. */
    memory_pressure: oneOf(['warn', 'critical', 'ignore'], 'critical'),
    while_owner_active: oneOf(['pause', 'share'], 'pause'),
    /** What other programs take of the GPU while somebody is at the Mac. */
    owner_gpu_percent: whole(30, 1, 100),
  }),
  monitoring: z.strictObject({
    metrics: z.strictObject({
      enabled: flag(true),
      export_interval_ms: whole(10_000, 1000, 3_600_000),
      /** null: the same port. */
      prometheus_port: optionalPort(),
    }),
    logging: z.strictObject({
      level: oneOf(['debug', 'info', 'warn', 'error'], 'info'),
      format: oneOf(['json', 'text'], 'json'),
      /** null: `logs/mlx-mesh.log` in the data folder. */
      file: optionalText({ expected: 'the path of a file' }),
      /** Prompts and answers in the log, for debugging only. */
      prompts: flag(false),
    }),
  }),
  dashboard: z.strictObject({
    enabled: flag(true),
    refresh_interval_ms: whole(2000, 100, 3_600_000),
    historical_metrics_ttl_hours: amount(24),
  }),
})

export type ClusterSettings = z.infer<typeof clusterSchema>
