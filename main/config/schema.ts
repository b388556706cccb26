// The keys of `cluster.yaml` (below `cluster:`), their types and defaults. The names in the file are the names in the code.
import { totalmem } from 'node:os'
import { z } from 'zod'
import { usualBudgetGB } from '../protocol/model-memory.ts'
import {
  address,
  addressRanges,
  amount,
  byFile,
  flag,
  hostNames,
  keyInfo,
  later,
  oneOf,
  optionalPort,
  optionalText,
  optionalWhole,
  share,
  text,
  texts,
  whole,
} from './key-kinds.ts'

const gibibyte = 2 ** 30

const staticWorker = z.strictObject({
  ip: z.union([z.ipv4(), z.ipv6()]),
  port: z.int().min(1).max(65_535).optional(),
  name: z.string().optional(),
  priority: z.number().min(0).max(100).default(50),
  tags: z.array(z.string()).default([]),
})

const tier = (size: string, minGpuCores: number, minMemoryGb: number) =>
  z.strictObject({
    min_gpu_cores: whole(`GPU cores that a Mac should have for models of ${size}.`, minGpuCores, 0, 10_000),
    min_memory_gb: whole(
      `Memory in GB that a Mac should have for models of ${size}.`,
      minMemoryGb,
      0,
      100_000,
    ),
    preferred_chips: texts(`Chips that models of ${size} go to first, such as M4 Max.`, []),
    preferred_workers: texts(`Macs that models of ${size} go to first, by name.`, []),
  })

export const clusterSchema = z.strictObject({
  /** `controller` routes and runs nothing, `worker` runs and never leads, `standalone` has no network at all. */
  mode: oneOf(
    'What this Mac does in the mesh: pass requests on (controller), run models (worker), both (dual), or work alone (standalone).',
    ['controller', 'worker', 'dual', 'standalone'],
    'dual',
  ),
  controller: z.strictObject({
    bind_address: text('The address of this Mac at which apps find the endpoint.', '127.0.0.1', {
      expected: 'an address of this Mac',
      ...byFile,
    }),
    /** 0: any free one. */
    port: whole('The port of the endpoint; apps that use it must be told when it changes.', 8080, 0, 65_535, {
      expected: 'a port from 0 to 65535 (0: any free one)',
    }),
    /** null: the same port. */
    dashboard_port: optionalPort('A port of its own for the dashboard; without one it is at the endpoint.'),
    api: z.strictObject({
      /** Names beside localhost by which requests may call this Mac. */
      allowed_hosts: hostNames('Names beside localhost by which apps may call this Mac.'),
      cors_enabled: flag('Whether web pages of other sites may use the endpoint.', false, byFile),
      cors_origins: texts('Web sites whose pages may use the endpoint.', [], {
        expected: 'a list of origins such as https://example.org',
        ...byFile,
      }),
      rate_limit: z.strictObject({
        enabled: flag(
          'Whether callers from other machines are slowed down when they ask too often.',
          true,
          byFile,
        ),
        requests_per_minute: whole(
          'How many requests each such caller has in a minute.',
          100,
          1,
          1_000_000,
          byFile,
        ),
        /** null: as many as there are. Of prompts and answers together. */
        tokens_per_minute: optionalWhole(
          'How many tokens each such caller has in a minute, of prompts and answers together.',
          1,
          1_000_000_000,
          byFile,
        ),
      }),
      /** Others are always asked for one. */
      require_key: flag('Whether programs on this Mac need an API key, too.', false, byFile),
      /** Empty: everybody, with a key. This Mac itself is always among them. */
      allowed_addresses: addressRanges('The addresses from which other machines may use the endpoint.'),
      /** Tokens of somebody else's login, beside API keys: signed with one secret, or with keys that are published. */
      jwt: z.strictObject({
        secret: optionalText('The secret with which tokens are signed (HS256).', {
          expected: 'at least 32 characters',
          secret: true,
          ...byFile,
        }),
        jwks_url: optionalText('Where the keys are published with which tokens are signed.', {
          expected: 'an address such as https://login.example/.well-known/jwks.json',
          ...byFile,
        }),
        jwks_file: optionalText('The file with the keys with which tokens are signed.', {
          expected: 'the path of a file',
          ...byFile,
        }),
        issuer: optionalText('Whose tokens are accepted (claim iss).', byFile),
        audience: optionalText('For whom tokens must be made (claim aud).', byFile),
        scope_claim: text('The claim that names what the bearer may do.', 'scope', byFile),
        models_claim: optionalText('The claim that names the models that the bearer may use.', byFile),
      }),
    }),
    /** Callers from other machines speak TLS; loopback does without. */
    tls: z.strictObject({
      enabled: flag('Whether other machines must speak TLS (https) with this Mac.', true, byFile),
      /** null: one that this Mac makes itself, signed by the authority of its mesh. */
      cert_file: optionalText(
        'The file with the certificate of the endpoint, if not one that this Mac makes.',
        {
          expected: 'the path of a PEM file',
          ...byFile,
        },
      ),
      key_file: optionalText("The file with the certificate's private key.", {
        expected: 'the path of a PEM file',
        ...byFile,
      }),
    }),
  }),
  nats: z.strictObject({
    embedded: flag(
      'Whether this Mac runs its own message server; otherwise it uses an outside one.',
      true,
      byFile,
    ),
    server_url: optionalText('The outside message server at which the Macs meet.', {
      expected: 'an address such as nats://host:4222',
      ...byFile,
    }),
    cluster_name: text('The name that the message servers of the Macs have in common.', 'mlx-mesh', byFile),
    /** Where the servers of other Macs of the mesh connect to; nothing listens there before this Mac is paired. */
    route_address: text('The address of this Mac at which paired Macs connect to it.', '0.0.0.0', {
      expected: 'an address of this Mac, or 0.0.0.0 for all',
      ...byFile,
    }),
    route_port: whole('The port at which paired Macs connect to this one.', 7422, 0, 65_535, {
      expected: 'a port from 0 to 65535 (0: any free one)',
      ...byFile,
    }),
    user: optionalText('The name with which this Mac logs in to the outside message server.', byFile),
    password: optionalText('The password for the outside message server.', { secret: true, ...byFile }),
    jetstream: z.strictObject({
      enabled: flag('Whether the outside message server keeps messages on its disk.', false, {
        ...later,
        ...byFile,
      }),
      store_dir: optionalText('The folder in which messages are kept.', { ...later, ...byFile }),
    }),
  }),
  workers: z.strictObject({
    static: z
      .array(staticWorker)
      .default([])
      .register(keyInfo, {
        meaning: 'Macs of the mesh that are reached by address, because they are in another network.',
        expected: 'a list of {ip, port, name, priority (0-100), tags}',
        ...byFile,
      }),
  }),
  discovery: z.strictObject({
    enabled: flag('Whether this Mac looks for other Macs nearby and lets them find it.', true),
    method: oneOf(
      'How Macs are found: by mDNS in the network, over the message server, or both.',
      ['mdns', 'nats', 'both'],
      'both',
    ),
    heartbeat_interval_ms: whole(
      'How often a Mac says that it is there, in milliseconds.',
      1000,
      100,
      60_000,
    ),
    offline_timeout_ms: whole(
      'After how long a silence a Mac counts as offline, in milliseconds.',
      3500,
      200,
      600_000,
    ),
    allow_dynamic_workers: flag(
      'Whether Macs may come to the mesh that the configuration does not name.',
      true,
      byFile,
    ),
    /** Outside loopback it cannot be off: Macs that have not been paired do not connect. */
    require_authentication: flag('Whether only paired Macs may connect.', true, byFile),
  }),
  load_balancing: z.strictObject({
    strategy: oneOf(
      'How the Mac for a request is chosen: in turn, the least busy, or the one that suits it best.',
      ['round_robin', 'least_loaded', 'hardware_aware'],
      'hardware_aware',
    ),
    sticky_sessions: flag('Whether a conversation stays with the Mac that remembers it.', true),
    session_ttl_ms: whole(
      'How long a conversation is remembered after its last request, in milliseconds.',
      300_000,
      1000,
      86_400_000,
    ),
    prefer_model_loaded: flag('Whether Macs that have the model in memory go first.', true),
    avoid_overloaded: flag('Whether Macs that are nearly full are left out while others have room.', true),
  }),
  models: z.strictObject({
    tier_preferences: z.strictObject({
      '30B+': tier('30 billion parameters and more', 30, 64),
      '13-27B': tier('13 to 27 billion parameters', 20, 32),
      '7-13B': tier('7 to 13 billion parameters', 15, 16),
      '3-7B': tier('3 to 7 billion parameters', 10, 8),
      '<3B': tier('less than 3 billion parameters', 8, 8),
    }),
    /** A model that this Mac is asked to load and does not have is copied from a Mac that has it. */
    cache_coordination: z.strictObject({
      enabled: flag('Whether models are copied from Mac to Mac, so that each is downloaded once.', true),
      strategy: oneOf(
        'Where a model comes from first: another Mac (distributed), or never from one (none).',
        ['distributed', 'none'],
        'distributed',
      ),
      /** What the copies may take on this Mac's disk, all together. */
      max_cache_gb_per_worker: amount("What copied models may take of this Mac's disk, in GB.", 50),
    }),
    /** A model that is asked for by its full name, and that no Mac has, is downloaded from the Hugging Face hub. */
    download: z.strictObject({
      enabled: flag(
        'Whether a model that you ask for by its full name, and that no Mac has, is downloaded from the Hugging Face hub.',
        true,
      ),
    }),
    /** Pictures in conversations that are only named by an address of the web, never one inside a private network. */
    images: z.strictObject({
      allow_urls: flag(
        'Whether images that a conversation only gives the web address of are fetched.',
        false,
      ),
    }),
    /** Models in memory at the same time. */
    max_loaded: whole('How many models this Mac keeps in memory at the same time.', 2, 1, 100),
    /** Memory that all loaded models may take together; at 80 % of it idle models make room. */
    memory_budget_gb: amount(
      'How much memory of this Mac all loaded models may take together, in GB.',
      usualBudgetGB(totalmem() / gibibyte),
    ),
  }),
  /** When this Mac does not work for the others: its owner comes first. */
  sharing: z.strictObject({
    /** Until `mlx-mesh share` says otherwise. */
    enabled: flag('Whether this Mac works for the other Macs until its switch says otherwise.', true),
    on_battery: oneOf('What sharing does while this Mac runs on battery.', ['pause', 'share'], 'pause'),
    /** The state from which on it pauses. */
    thermal: oneOf(
      'How hot this Mac may get before sharing pauses.',
      ['serious', 'critical', 'ignore'],
      'serious',
    ),
    /** Models of our own cause warnings, too: hence `critical`. */
    memory_pressure: oneOf(
      'How short of memory this Mac may get before sharing pauses.',
      ['warn', 'critical', 'ignore'],
      'critical',
    ),
    while_owner_active: oneOf(
      'What sharing does while you work at this Mac and need its GPU.',
      ['pause', 'share'],
      'pause',
    ),
    /** What other programs take of the GPU while somebody is at the Mac. */
    owner_gpu_percent: whole(
      'How much of the GPU, in percent, your own programs take before sharing pauses.',
      30,
      1,
      100,
    ),
  }),
  monitoring: z.strictObject({
    metrics: z.strictObject({
      enabled: flag('Whether figures are offered to monitoring tools at /metrics.', true),
      export_interval_ms: whole(
        'How often Macs tell each other their figures, in milliseconds.',
        10_000,
        1000,
        3_600_000,
      ),
      /** null: the same port. */
      prometheus_port: optionalPort(
        'A port of its own for the figures; without one they are at the endpoint.',
      ),
    }),
    logging: z.strictObject({
      level: oneOf('How much is written to the log.', ['debug', 'info', 'warn', 'error'], 'info'),
      format: oneOf(
        'How lines of the log are written: for programs (json) or for people (text).',
        ['json', 'text'],
        'json',
      ),
      /** null: `logs/mlx-mesh.log` in the data folder. */
      file: optionalText('The file that the log is written to, if not the usual one.', {
        expected: 'the path of a file',
        ...byFile,
      }),
      /** Prompts and answers in the log, for debugging only. */
      prompts: flag('Whether prompts are written to the log, for finding errors only.', false, byFile),
    }),
    /** OpenTelemetry; never prompts. */
    tracing: z.strictObject({
      enabled: flag('Whether the way of each request is told to a tracing tool.', false, byFile),
      endpoint: address(
        'Where the tracing tool takes traces (OTLP over HTTP).',
        'http://127.0.0.1:4318/v1/traces',
        byFile,
      ),
      /** Of the requests that do not say themselves whether they are traced. */
      sample_ratio: share('Which share of the requests is traced: 1 for all, 0.1 for every tenth.', 1),
    }),
  }),
  updates: z.strictObject({
    automatic: flag(
      'Whether the app looks once a day for a newer version and downloads it. The question says nothing about you.',
      true,
    ),
  }),
  dashboard: z.strictObject({
    enabled: flag('Whether the dashboard is there.', true),
    refresh_interval_ms: whole(
      'How often the dashboard gets new figures of the whole mesh, in milliseconds.',
      2000,
      100,
      3_600_000,
    ),
    historical_metrics_ttl_hours: amount('For how many hours requests and figures are kept.', 24),
  }),
})

export type ClusterSettings = z.infer<typeof clusterSchema>
