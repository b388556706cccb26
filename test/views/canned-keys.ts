// Settings as a peer has them: enough of each kind of control, and of each reason why a key may not be changed.
import type { Setting } from '../../main/protocol/settings.ts'

type Key = Pick<Setting, 'key' | 'meaning' | 'expected' | 'control' | 'defaultValue'> & Partial<Setting>

const choice = (...options: string[]) => ({
  control: { kind: 'choice' as const, options },
  expected: `one of ${options.join(', ')}`,
})
const flag = { control: { kind: 'switch' as const }, expected: 'true or false' }
const list = { control: { kind: 'list' as const }, expected: 'a list of texts' }
const text = { control: { kind: 'text' as const }, expected: 'text' }
const whole = (min: number, max: number) => ({
  control: { kind: 'number' as const, min, max, whole: true },
  expected: `a whole number from ${min} to ${max}`,
})
const byFile = { readOnlyReason: 'This is changed in cluster.yaml only, for safety.' }

const keys: Key[] = [
  {
    key: 'mode',
    meaning:
      'What this Mac does in the mesh: pass requests on (controller), run models (worker), both (dual), or work alone (standalone).',
    ...choice('controller', 'worker', 'dual', 'standalone'),
    defaultValue: 'dual',
  },
  {
    key: 'controller.bind_address',
    meaning: 'The address of this Mac at which apps find the endpoint.',
    ...text,
    defaultValue: '127.0.0.1',
    ...byFile,
  },
  {
    key: 'controller.port',
    meaning: 'The port of the endpoint; apps that use it must be told when it changes.',
    ...whole(0, 65_535),
    defaultValue: 8080,
  },
  {
    key: 'controller.api.allowed_hosts',
    meaning: 'Names beside localhost by which apps may call this Mac.',
    ...list,
    defaultValue: [],
    value: ['studio.local'],
    source: 'file',
    sourceText: 'cluster.yaml, line 4',
    ...byFile,
  },
  {
    key: 'nats.route_port',
    meaning: 'The port at which the other Macs of the mesh reach this one.',
    ...whole(0, 65_535),
    defaultValue: 7422,
    value: 7430,
    source: 'flag',
    sourceText: 'flag --route-port',
    readOnlyReason: 'This was given as --route-port at the start, which has the last word.',
  },
  {
    key: 'nats.jetstream.enabled',
    meaning: 'Whether the outside message server keeps messages on its disk.',
    ...flag,
    defaultValue: false,
    readOnlyReason: 'This has no effect in this release yet.',
  },
  {
    key: 'discovery.enabled',
    meaning: 'Whether this Mac looks for others on the network.',
    ...flag,
    defaultValue: true,
  },
  {
    key: 'discovery.heartbeat_interval_ms',
    meaning: 'How often this Mac says that it is there, in milliseconds.',
    ...whole(100, 60_000),
    defaultValue: 1000,
  },
  {
    key: 'load_balancing.strategy',
    meaning: 'How the Mac for a request is chosen.',
    ...choice('round_robin', 'least_loaded', 'hardware_aware'),
    defaultValue: 'hardware_aware',
  },
  {
    key: 'models.max_loaded',
    meaning: 'How many models may be in memory at the same time.',
    ...whole(1, 100),
    defaultValue: 2,
    value: 4,
    source: 'settings',
    sourceText: 'Settings',
  },
  {
    key: 'models.memory_budget_gb',
    meaning: 'Memory in GB that all loaded models may take together.',
    control: { kind: 'number', min: null, max: null, whole: false },
    expected: 'a number above 0',
    defaultValue: 24.5,
  },
  ...['30B+', '3-7B'].flatMap((size): Key[] => [
    {
      key: `models.tier_preferences.${size}.min_gpu_cores`,
      meaning: `GPU cores that a Mac should have for models of ${size}.`,
      ...whole(0, 10_000),
      defaultValue: 30,
    },
    {
      key: `models.tier_preferences.${size}.preferred_chips`,
      meaning: `Chips that models of ${size} go to first, such as M4 Max.`,
      ...list,
      defaultValue: [],
    },
  ]),
  {
    key: 'sharing.enabled',
    meaning: 'Whether this Mac works for the other Macs until its switch says otherwise.',
    ...flag,
    defaultValue: true,
  },
  {
    key: 'sharing.on_battery',
    meaning: 'What this Mac does for the others while it runs on its battery.',
    ...choice('pause', 'share'),
    defaultValue: 'pause',
  },
  {
    key: 'sharing.thermal',
    meaning: 'The heat from which on this Mac pauses.',
    ...choice('serious', 'critical', 'ignore'),
    defaultValue: 'serious',
  },
  {
    key: 'sharing.owner_gpu_percent',
    meaning: 'How much of the GPU other programs may take before this Mac pauses, while somebody is at it.',
    ...whole(1, 100),
    defaultValue: 30,
  },
  {
    key: 'monitoring.logging.level',
    meaning: 'How much the log says.',
    ...choice('debug', 'info', 'warn', 'error'),
    defaultValue: 'info',
    value: 'debug',
    source: 'environment',
    sourceText: 'environment MLX_MESH_LOG_LEVEL',
  },
  {
    key: 'monitoring.logging.prompts',
    meaning: 'Whether prompts and answers are written to the log, for debugging only.',
    ...flag,
    defaultValue: false,
    ...byFile,
  },
  { key: 'dashboard.enabled', meaning: 'Whether this page is there.', ...flag, defaultValue: true },
]

export const cannedSettings: readonly Setting[] = keys.map(key => ({
  value: key.defaultValue,
  source: 'default',
  sourceText: 'default',
  readOnlyReason: null,
  ...key,
}))
