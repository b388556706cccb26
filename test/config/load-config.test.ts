import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ConfigError } from '../../main/config/config-error.ts'
import { type LoadOptions, loadConfig } from '../../main/config/load-config.ts'

let home = ''
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'mesh config '))
})
afterEach(() => rmSync(home, { recursive: true }))

const writeCluster = (text: string) => writeFileSync(join(home, 'cluster.yaml'), text)
const writeSettings = (value: unknown) =>
  writeFileSync(join(home, 'settings.json'), JSON.stringify(value, null, 2))
const load = (env: Record<string, string> = {}, more: LoadOptions = {}) =>
  loadConfig({ env: { MLX_MESH_HOME: home, ...env }, ...more })
const port = (text: string) => ({ 'controller.port': { flag: '--port', text } })

/** As in the file: a dollar sign and the name in braces. */
const placeholder = (name: string) => `$\{${name}}`

function complaint(env: Record<string, string> = {}, more: LoadOptions = {}): string {
  try {
    load(env, more)
  } catch (error) {
    if (error instanceof ConfigError) return error.message
    throw error
  }
  throw new Error('nothing was wrong')
}

describe('where a value comes from', () => {
  test('without any file every key has its documented default', () => {
    const { config, warnings } = load()
    expect(config.mode).toBe('dual')
    expect(config.controller).toMatchObject({ bind_address: '127.0.0.1', port: 8080 })
    expect(config.models.tier_preferences['13-27B']).toMatchObject({ min_gpu_cores: 20, min_memory_gb: 32 })
    expect(config.models.max_loaded).toBe(2)
    expect(config.dataFolder).toBe(home)
    expect(warnings).toEqual([])
  })

  test('file, environment, saved settings and flags override each other in this order', () => {
    writeCluster('cluster:\n  controller:\n    port: 1001\n')
    expect(load().config.controller.port).toBe(1001)
    const env = { MLX_MESH_CONTROLLER_PORT: '1002' }
    expect(load(env).config.controller.port).toBe(1002)
    writeSettings({ cluster: { controller: { port: 1003 } } })
    expect(load(env).config.controller.port).toBe(1003)
    expect(load(env, { flags: port('1004') }).config.controller.port).toBe(1004)
  })

  test('each value says which file and line, variable or flag it is from', () => {
    writeCluster('cluster:\n  # a comment\n  models:\n    max_loaded: 3\n')
    const { origins } = load({ MLX_MESH_MONITORING_LOGGING_LEVEL: 'debug' }, { flags: port('0') })
    const sourceOf = (path: string) => origins.find(origin => origin.key.path === path)?.source
    expect(sourceOf('models.max_loaded')).toEqual({
      layer: 'file',
      file: join(home, 'cluster.yaml'),
      line: 4,
    })
    expect(sourceOf('monitoring.logging.level')).toMatchObject({
      variable: 'MLX_MESH_MONITORING_LOGGING_LEVEL',
    })
    expect(sourceOf('controller.port')).toEqual({ layer: 'flag', flag: '--port' })
    expect(sourceOf('mode')).toEqual({ layer: 'default' })
  })

  test('MLX_MESH_PORT is a short name of the port, and an empty variable counts as unset', () => {
    expect(load({ MLX_MESH_PORT: '0' }).config.controller.port).toBe(0)
    writeCluster('cluster:\n  controller:\n    port: 1001\n')
    expect(load({ MLX_MESH_PORT: '' }).config.controller.port).toBe(1001)
  })

  test('a switch in the environment may be 1 or 0', () => {
    expect(load({ MLX_MESH_LOG_PROMPTS: '1' }).config.monitoring.logging.prompts).toBe(true)
    expect(load({ MLX_MESH_DASHBOARD_ENABLED: '0' }).config.dashboard.enabled).toBe(false)
    expect(load({ MLX_MESH_MODELS_MAX_LOADED: '1' }).config.models.max_loaded).toBe(1)
    expect(complaint({ MLX_MESH_DASHBOARD_ENABLED: '2' })).toContain('expected true or false, not "2"')
  })

  test('lists and names with signs can be set in the environment', () => {
    const { config } = load({
      MLX_MESH_CONTROLLER_API_CORS_ENABLED: 'true',
      MLX_MESH_CONTROLLER_API_CORS_ORIGINS: 'https://a.example, https://b.example',
      MLX_MESH_MODELS_TIER_PREFERENCES_30B_MIN_MEMORY_GB: '96',
      MLX_MESH_WORKERS_STATIC: '[{ip: 10.0.0.2}]',
    })
    expect(config.controller.api.cors_origins).toEqual(['https://a.example', 'https://b.example'])
    expect(config.models.tier_preferences['30B+'].min_memory_gb).toBe(96)
    expect(config.workers.static).toEqual([{ ip: '10.0.0.2', priority: 50, tags: [] }])
  })

  test('a variable in the file is filled in and gets the type of its key', () => {
    const file = placeholder('BASE')
    writeCluster(
      `cluster:\n  controller:\n    port: ${placeholder('PORT')}\n  monitoring:\n    logging:\n      file: "${file}/mesh.log"\n`,
    )
    const { config } = load({ PORT: '9100', BASE: '/tmp/x' })
    expect(config.controller.port).toBe(9100)
    expect(config.monitoring.logging.file).toBe('/tmp/x/mesh.log')
    expect(complaint({ PORT: '9100' })).toBe(
      `${home}/cluster.yaml:6: monitoring.logging.file: \${BASE} is not set in the environment.`,
    )
  })

  test('nobody can change the configuration afterwards', () => {
    const { config } = load()
    expect(Object.isFrozen(config)).toBe(true)
    expect(Object.isFrozen(config.controller.api.cors_origins)).toBe(true)
  })

  test('another file can be named, and must exist', () => {
    const other = join(home, 'other.yaml')
    expect(complaint({}, { configFile: other })).toContain(`${other}:1: cannot be read: ENOENT`)
    writeFileSync(other, 'cluster: {mode: standalone}\n')
    expect(load({}, { configFile: other }).config.mode).toBe('standalone')
  })
})

describe('what is wrong is said with file, line, key and what was expected', () => {
  test.each([
    ['cluster:\n  controler:\n    port: 1\n', ':2: controler: unknown key. Did you mean "controller"?'],
    [
      'cluster:\n  controller:\n    prot: 1\n',
      ':3: controller.prot: unknown key. Did you mean "controller.port"?',
    ],
    ['cluster:\n  max_loaded: 1\n', ':2: max_loaded: unknown key. Did you mean "models.max_loaded"?'],
    [
      'cluster:\n  mode: duel\n',
      ':2: mode: expected one of controller, worker, dual, standalone, not "duel".',
    ],
    ['cluster:\n  controller:\n    port: "80"\n', ':3: controller.port: expected a port from 0 to 65535'],
    ['cluster:\n  controller:\n    port: 70000\n', 'not 70000.'],
    [
      'cluster:\n  sharing:\n    on_battery: never\n',
      ':3: sharing.on_battery: expected one of pause, share, not "never".',
    ],
    [
      'cluster:\n  sharing:\n    owner_gpu_percent: 0\n',
      ':3: sharing.owner_gpu_percent: expected a whole number from 1 to 100, not 0.',
    ],
    ['cluster:\n  controller: 5\n', ':2: controller: expected a section with keys below it.'],
    ['controller:\n  port: 1\n', ':1: controller: belongs below "cluster:"; indent it there.'],
    ['clutser:\n  port: 1\n', ':1: clutser: unknown key; expected "cluster:".'],
    ['- 1\n', ':1: expected "cluster:" and keys below it.'],
    ['cluster:\n  mode: dual\n  mode: worker\n', ':3: this is not YAML: Map keys must be unique'],
    ['cluster:\n  mode: [\n', 'this is not YAML'],
    [
      'cluster:\n  workers:\n    static:\n      - ip: nowhere\n',
      ':3: workers.static: expected a list of {ip, port',
    ],
  ])('%j', (text, expected) => {
    writeCluster(text)
    expect(complaint()).toContain(`${home}/cluster.yaml`)
    expect(complaint()).toContain(expected)
  })

  test('every mistake is named, not only the first', () => {
    writeCluster('cluster:\n  mode: duel\n  controller:\n    port: x\n')
    expect(complaint({ MLX_MESH_MODELS_MAX_LOADED: 'two' }).split('\n')).toHaveLength(3)
  })

  test('a mistyped variable is found', () => {
    expect(complaint({ MLX_MESH_PROT: '1' })).toBe(
      'environment MLX_MESH_PROT: no key of the configuration has this variable. Did you mean MLX_MESH_PORT?',
    )
  })

  test('a secret is not repeated in the complaint', () => {
    writeCluster('cluster:\n  nats:\n    password: [hunter2]\n')
    expect(complaint()).not.toContain('hunter2')
    writeCluster('cluster:\n  nats:\n    server_url: ["nats://me:hunter2@hub"]\n')
    expect(complaint()).toContain('nats://********@hub')
  })

  test.each(['http://studio.local', 'studio.local:8080', 'a name'])(
    '"%s" is no name that the door can answer to',
    name => {
      writeCluster(`cluster:\n  controller: {api: {allowed_hosts: ["${name}"]}}\n`)
      expect(complaint()).toContain('controller.api.allowed_hosts: expected a list of names such as')
    },
  )

  test('a mistake in the saved settings names their file', () => {
    writeSettings({ cluster: { models: { max_loaded: 0 } } })
    expect(complaint()).toContain(
      `${home}/settings.json:4: models.max_loaded: expected a whole number from 1`,
    )
  })
})

describe('contradictions', () => {
  test.each([
    [
      'nats: {server_url: "nats://h:4222"}',
      'nats.server_url: names an outside server while nats.embedded is true',
    ],
    ['nats: {embedded: false}', 'nats.embedded: is false and no nats.server_url'],
    ['nats: {jetstream: {enabled: true}}', 'works only with an outside server'],
    ['nats: {user: me, password: secret}', 'nats.user: is for an outside server'],
    ['nats: {user: me}', 'nats.user: expected nats.user and nats.password together'],
    ['controller: {bind_address: studio.local}', '"studio.local" is no address'],
    [
      'controller: {tls: {cert_file: /a.pem}}',
      'controller.tls.cert_file and controller.tls.key_file together',
    ],
    ['controller: {tls: {enabled: false, cert_file: /a.pem, key_file: /b.pem}}', 'names a certificate while'],
    ['controller: {api: {jwt: {secret: short}}}', 'expected at least 32 characters drawn by chance'],
    [
      'controller: {api: {jwt: {jwks_file: /a, jwks_url: "https://a.example"}}}',
      'expected one of secret, jwks_url and jwks_file alone',
    ],
    ['controller: {api: {jwt: {jwks_url: "http://a.example/k"}}}', 'expected an address with https'],
    ['controller: {api: {allowed_addresses: [10.0.0.0/33]}}', 'a list of addresses such as 192.168.1.0/24'],
    ['{mode: standalone, workers: {static: [{ip: 10.0.0.2}]}}', 'workers.static: needs the network'],
    ['{mode: standalone, discovery: {enabled: true}}', 'discovery.enabled: needs the network'],
    [
      'controller: {port: 9000, dashboard_port: 9000}',
      'controller.dashboard_port: is 9000, as controller.port is',
    ],
    [
      '{nats: {embedded: false, server_url: "nats://h:4222"}, workers: {static: [{ip: 10.0.0.2}]}}',
      'workers.static: names servers of other Macs',
    ],
    [
      'discovery: {require_authentication: false}',
      'discovery.require_authentication: cannot be off while other machines can reach',
    ],
    ['discovery: {offline_timeout_ms: 500}', 'a Mac would count as lost between two heartbeats'],
    [
      'controller: {api: {cors_origins: [https://a.example]}}',
      'names origins while controller.api.cors_enabled',
    ],
    ['monitoring: {tracing: {endpoint: "https://a.example"}}', 'nothing says whether they go'],
    ['monitoring: {tracing: {enabled: true, sample_ratio: 0}}', 'nothing would be traced'],
    [
      'monitoring: {tracing: {endpoint: "grpc://a.example"}}',
      'expected an address such as https://host:4318',
    ],
  ])('%s', (yaml, expected) => {
    writeCluster(`cluster:\n  ${yaml}\n`)
    expect(complaint()).toContain(expected)
    expect(complaint()).toContain('cluster.yaml:2')
  })
})

describe('what is accepted without effect', () => {
  test('keys of earlier releases are answered with one warning each', () => {
    writeCluster(
      'mlx:\n  concurrency_limit: 1\n  force_metal_sync: true\nmodel_concurrency_limiter:\n  default: 2\ncluster:\n',
    )
    expect(load().warnings.map(warning => warning.slice(home.length))).toEqual([
      '/cluster.yaml:2: mlx.concurrency_limit is ignored: MLX schedules the GPU itself, remove the key.',
      '/cluster.yaml:3: mlx.force_metal_sync is ignored: MLX schedules the GPU itself, remove the key.',
      '/cluster.yaml:5: model_concurrency_limiter.default is ignored: MLX schedules the GPU itself, remove the key.',
    ])
  })

  test('they are also accepted below "cluster:", but nothing else of their kind is', () => {
    writeCluster('cluster:\n  mlx:\n    concurrency_limit: 1\n')
    expect(load().warnings).toHaveLength(1)
    writeCluster('cluster:\n  mlx:\n    turbo: 1\n')
    expect(complaint()).toContain(':3: mlx.turbo: unknown key.')
  })

  test('keys that are still to come warn only when the user set them', () => {
    writeCluster('cluster:\n  nats:\n    jetstream:\n      enabled: false\n  mode: worker\n')
    expect(load().warnings).toEqual([
      `${home}/cluster.yaml:4: nats.jetstream.enabled has no effect in this release yet.`,
    ])
  })

  test('what a tier asks of a Mac is no such key: each Mac says which tiers it can serve', () => {
    writeCluster(
      'cluster:\n  models:\n    tier_preferences:\n      30B+:\n        min_gpu_cores: 60\n        min_memory_gb: 128\n',
    )
    expect(load().warnings).toEqual([])
  })
})
