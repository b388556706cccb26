// What settings and their values are called. Pure; what the tables do not know gets its words from its key.
import type { Setting } from '../../main/protocol/settings.ts'

const names: Record<string, string> = {
  'sharing.enabled': 'Shared unless the switch says otherwise',
  'sharing.on_battery': 'On battery',
  'sharing.thermal': 'When it is hot',
  'sharing.memory_pressure': 'When memory is short',
  'sharing.while_owner_active': 'While you need the GPU',
  'sharing.owner_gpu_percent': 'You need the GPU from (percent)',
  mode: 'What this Mac does',
  'controller.bind_address': 'Address',
  'controller.port': 'Port',
  'controller.dashboard_port': 'Port of the dashboard',
  'controller.api.allowed_hosts': 'Names it answers to',
  'controller.api.cors_enabled': 'Web pages of other sites',
  'controller.api.cors_origins': 'Sites whose pages may ask',
  'controller.api.rate_limit.enabled': 'Slow down eager callers',
  'controller.api.rate_limit.requests_per_minute': 'Requests a minute',
  'controller.api.rate_limit.tokens_per_minute': 'Tokens a minute',
  'controller.api.require_key': 'API keys on this Mac, too',
  'controller.api.allowed_addresses': 'Addresses that may ask',
  'controller.api.jwt.secret': 'Secret of tokens',
  'controller.api.jwt.jwks_url': 'Keys of tokens (address)',
  'controller.api.jwt.jwks_file': 'Keys of tokens (file)',
  'controller.api.jwt.issuer': 'Issuer of tokens',
  'controller.api.jwt.audience': 'Audience of tokens',
  'controller.api.jwt.scope_claim': 'Claim with the scopes',
  'controller.api.jwt.models_claim': 'Claim with the models',
  'controller.tls.enabled': 'TLS for other machines',
  'controller.tls.cert_file': 'Certificate',
  'controller.tls.key_file': 'Key of the certificate',
  'nats.embedded': 'Message server of its own',
  'nats.server_url': 'Outside message server',
  'nats.cluster_name': 'Name of the message servers',
  'nats.route_address': 'Address for other Macs',
  'nats.route_port': 'Port for other Macs',
  'nats.user': 'User at the outside server',
  'nats.password': 'Password at the outside server',
  'nats.jetstream.enabled': 'Messages on disk',
  'nats.jetstream.store_dir': 'Folder for messages',
  'workers.static': 'Macs in other networks',
  'discovery.enabled': 'Look for other Macs',
  'discovery.method': 'How to look',
  'discovery.heartbeat_interval_ms': 'Sign of life every (ms)',
  'discovery.offline_timeout_ms': 'Counts as offline after (ms)',
  'discovery.allow_dynamic_workers': 'Macs that come by themselves',
  'discovery.require_authentication': 'Paired Macs only',
  'load_balancing.strategy': 'How the Mac is chosen',
  'load_balancing.sticky_sessions': 'Stay with the same Mac',
  'load_balancing.session_ttl_ms': 'Stay for (ms)',
  'load_balancing.prefer_model_loaded': 'Prefer Macs that have the model in memory',
  'load_balancing.avoid_overloaded': 'Leave out Macs that are nearly full',
  'models.cache_coordination.enabled': 'Copy models from Mac to Mac',
  'models.cache_coordination.strategy': 'Where models come from',
  'models.cache_coordination.max_cache_gb_per_worker': 'Disk for copied models (GB)',
  'models.download.enabled': 'Download models that no Mac has',
  'models.images.allow_urls': 'Fetch images from the web',
  'models.max_loaded': 'Models in memory',
  'models.memory_budget_gb': 'Memory for models (GB)',
  'monitoring.metrics.enabled': 'Figures for monitoring tools',
  'monitoring.metrics.export_interval_ms': 'Figures every (ms)',
  'monitoring.metrics.prometheus_port': 'Port for monitoring tools',
  'monitoring.logging.level': 'How much the log says',
  'monitoring.logging.format': 'Form of the log',
  'monitoring.logging.file': 'Log file',
  'monitoring.logging.prompts': 'Prompts in the log',
  'monitoring.tracing.enabled': 'Tell a tracing tool',
  'monitoring.tracing.endpoint': 'Address of the tracing tool',
  'monitoring.tracing.sample_ratio': 'Share of requests that is traced',
  'updates.automatic': 'Get updates by itself',
  'dashboard.enabled': 'Dashboard in a browser',
  'dashboard.refresh_interval_ms': 'News every (ms)',
  'dashboard.historical_metrics_ttl_hours': 'Keep requests and figures for (hours)',
}

export function nameOf({ key }: Pick<Setting, 'key'>): string {
  const known = names[key]
  if (known) return known
  const tier = /^models\.tier_preferences\.([^.]+)\.(.+)$/.exec(key)
  if (tier) return `${tier[1]}: ${words(tier[2] ?? '')}`
  const last = key.split('.').slice(-1).join('')
  const text = words(last)
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`
}

const abbreviations: Record<string, string> = {
  gpu: 'GPU',
  gb: 'GB',
  url: 'URL',
  ms: '(ms)',
  ttl: 'lifetime',
  api: 'API',
}

/** `min_gpu_cores`: `min GPU cores` */
function words(name: string): string {
  return name
    .split('_')
    .map(word => abbreviations[word] ?? word)
    .join(' ')
}

const optionNames: Record<string, string> = {
  'mode controller': 'Pass requests on',
  'mode worker': 'Run models',
  'mode dual': 'Both',
  'mode standalone': 'Work alone, without a network',
  'sharing.thermal serious': 'Pause when it is hot',
  'sharing.thermal critical': 'Pause when it is very hot',
  'sharing.thermal ignore': 'Go on',
  'sharing.memory_pressure warn': 'Pause when it is getting short',
  'sharing.memory_pressure critical': 'Pause when it is very short',
  'sharing.memory_pressure ignore': 'Go on',
  'sharing.on_battery share': 'Go on sharing',
  'sharing.while_owner_active share': 'Go on sharing',
  'discovery.method mdns': 'By mDNS in the network',
  'discovery.method nats': 'Over the message server',
  'models.cache_coordination.strategy distributed': 'Another Mac first',
  'models.cache_coordination.strategy none': 'Never from another Mac',
  'monitoring.logging.format json': 'For programs (JSON)',
  'monitoring.logging.format text': 'For people',
  'load_balancing.strategy round_robin': 'In turn',
  'load_balancing.strategy least_loaded': 'The least busy one',
  'load_balancing.strategy hardware_aware': 'The best one for the model',
}

export function optionName(key: string, option: string): string {
  const known = optionNames[`${key} ${option}`]
  if (known) return known
  const text = words(option)
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`
}

/** A value for a reader. */
export function sayValue({ key, control }: Setting, value: unknown): string {
  if (value === null || value === undefined || value === '') return 'none'
  if (typeof value === 'boolean') return value ? 'on' : 'off'
  if (Array.isArray(value)) return value.length === 0 ? 'empty' : value.map(String).join(', ')
  if (control.kind === 'choice') return optionName(key, String(value))
  return String(value)
}
