// What no single key can tell: settings that exclude each other.
import { isIP } from 'node:net'
import { isLoopback } from './addresses.ts'
import type { Problem } from './config-error.ts'
import type { ClusterSettings } from './schema.ts'
import type { Source } from './source.ts'

export function findContradictions(settings: ClusterSettings, sourceOf: (key: string) => Source): Problem[] {
  const problems: Problem[] = []
  const wrong = (key: string, message: string) => problems.push({ source: sourceOf(key), key, message })
  const isSet = (key: string) => sourceOf(key).layer !== 'default'
  const { mode, controller, nats, discovery, workers } = settings

  if (nats.embedded && nats.server_url !== null) {
    wrong(
      'nats.server_url',
      'names an outside server while nats.embedded is true; expected nats.embedded: false.',
    )
  }
  if (!nats.embedded && nats.server_url === null) {
    wrong('nats.embedded', 'is false and no nats.server_url says which server to use instead.')
  }
  if (!nats.embedded && workers.static.length > 0) {
    wrong('workers.static', 'names servers of other Macs, but all meet at nats.server_url; expected none.')
  }
  if (nats.embedded && nats.jetstream.enabled) {
    wrong('nats.jetstream.enabled', 'works only with an outside server; expected nats.embedded: false.')
  }
  if (nats.embedded && nats.user !== null) {
    wrong(
      'nats.user',
      'is for an outside server, the embedded one draws its own; expected nats.embedded: false.',
    )
  }
  if ((nats.user === null) !== (nats.password === null)) {
    const given = nats.user === null ? 'password' : 'user'
    wrong(`nats.${given}`, 'expected nats.user and nats.password together.')
  }
  if (mode === 'standalone') {
    for (const key of ['nats.server_url', 'workers.static', 'discovery.enabled']) {
      const used = key === 'discovery.enabled' ? isSet(key) && discovery.enabled : isSet(key)
      if (used) wrong(key, 'needs the network, which mode "standalone" does without.')
    }
  }
  for (const [key, message] of contradictionsOfTheDoor(settings)) wrong(key, message)
  if (!discovery.require_authentication && !isLoopback(nats.route_address)) {
    wrong(
      'discovery.require_authentication',
      `cannot be off while other machines can reach nats.route_address "${nats.route_address}"; expected true.`,
    )
  }
  const ports = [
    ['controller.port', controller.port],
    ['controller.dashboard_port', controller.dashboard_port],
    ['monitoring.metrics.prometheus_port', settings.monitoring.metrics.prometheus_port],
    ['nats.route_port', nats.route_port],
  ] as const
  for (const [at, [key, port]] of ports.entries()) {
    const other = ports.slice(0, at).find(([, taken]) => taken === port)
    if (port && other) wrong(key, `is ${port}, as ${other[0]} is; expected ports that differ.`)
  }
  if (discovery.offline_timeout_ms <= discovery.heartbeat_interval_ms) {
    const key = isSet('discovery.offline_timeout_ms')
      ? 'discovery.offline_timeout_ms'
      : 'discovery.heartbeat_interval_ms'
    wrong(
      key,
      'a Mac would count as lost between two heartbeats; expected offline_timeout_ms > heartbeat_interval_ms.',
    )
  }
  if (
    isSet('controller.api.cors_origins') &&
    !controller.api.cors_enabled &&
    controller.api.cors_origins.length > 0
  ) {
    wrong('controller.api.cors_origins', 'names origins while controller.api.cors_enabled is false.')
  }
  const { tracing } = settings.monitoring
  if (isSet('monitoring.tracing.endpoint') && !isSet('monitoring.tracing.enabled')) {
    wrong(
      'monitoring.tracing.endpoint',
      'says where traces go, and nothing says whether they go; expected monitoring.tracing.enabled: true or false.',
    )
  }
  if (tracing.enabled && tracing.sample_ratio === 0) {
    wrong(
      'monitoring.tracing.sample_ratio',
      'is 0 while monitoring.tracing.enabled is true: nothing would be traced; expected a number above 0.',
    )
  }
  return problems
}

const shortestSecret = 32

function contradictionsOfTheDoor({ controller: { bind_address, tls, api } }: ClusterSettings) {
  const found: [key: string, message: string][] = []
  const { secret, jwks_url: url, jwks_file: file } = api.jwt
  if (isIP(bind_address) === 0 && bind_address !== 'localhost')
    found.push([
      'controller.bind_address',
      `"${bind_address}" is no address; expected one of this Mac, 127.0.0.1, or 0.0.0.0 for all.`,
    ])
  if ((tls.cert_file === null) !== (tls.key_file === null)) {
    const given = tls.cert_file === null ? 'key_file' : 'cert_file'
    found.push([
      `controller.tls.${given}`,
      'expected controller.tls.cert_file and controller.tls.key_file together.',
    ])
  }
  if (!tls.enabled && tls.cert_file !== null)
    found.push(['controller.tls.cert_file', 'names a certificate while controller.tls.enabled is false.'])
  const sources = Object.entries({ secret, jwks_url: url, jwks_file: file }).filter(
    ([, given]) => given !== null,
  )
  const second = sources[1]
  if (second)
    found.push([`controller.api.jwt.${second[0]}`, 'expected one of secret, jwks_url and jwks_file alone.'])
  if (secret !== null && secret.length < shortestSecret)
    found.push([
      'controller.api.jwt.secret',
      `can be guessed; expected at least ${shortestSecret} characters drawn by chance.`,
    ])
  if (url !== null && !isSafeAddress(url))
    found.push(['controller.api.jwt.jwks_url', 'expected an address with https, or with http on this Mac.'])
  return found
}

/** Keys that travel openly could be anybody's. */
function isSafeAddress(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, hostname } = new URL(text)
  return protocol === 'https:' || (protocol === 'http:' && isLoopback(hostname.replace(/^\[|\]$/g, '')))
}
