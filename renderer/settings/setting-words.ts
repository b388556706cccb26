// What settings and their values are called. Pure; what the tables do not know gets its words from its key.
import type { Setting } from '../../main/protocol/settings.ts'

const names: Record<string, string> = {
  'sharing.enabled': 'Share this Mac’s GPU',
  'sharing.on_battery': 'On battery',
  'sharing.thermal': 'When it is hot',
  'sharing.memory_pressure': 'When memory is short',
  'sharing.while_owner_active': 'While you use it',
  'sharing.owner_gpu_percent': 'GPU used by your own programs, in percent',
  mode: 'What this Mac does',
  'controller.bind_address': 'Address',
  'controller.port': 'Port',
  'controller.dashboard_port': 'Port of the dashboard',
  'controller.api.allowed_hosts': 'Names it answers to',
  'controller.api.cors_enabled': 'Web pages of other sites',
  'controller.api.cors_origins': 'Sites whose pages may ask',
  'controller.api.rate_limit.enabled': 'Slow down eager callers',
  'controller.api.rate_limit.requests_per_minute': 'Requests a minute',
  'nats.server_url': 'Outside NATS server',
  'nats.route_port': 'Port for other Macs',
  'nats.route_address': 'Address for other Macs',
  'discovery.enabled': 'Look for other Macs',
  'discovery.method': 'How to look',
  'discovery.heartbeat_interval_ms': 'Sign of life every (ms)',
  'discovery.offline_timeout_ms': 'Counts as lost after (ms)',
  'load_balancing.strategy': 'How the Mac is chosen',
  'load_balancing.sticky_sessions': 'Stay with the same Mac',
  'load_balancing.session_ttl_ms': 'Stay for (ms)',
  'models.max_loaded': 'Models in memory',
  'models.memory_budget_gb': 'Memory for models (GB)',
  'models.cache_coordination.max_cache_gb_per_worker': 'Disk for copied models (GB)',
  'monitoring.logging.level': 'How much the log says',
  'monitoring.logging.format': 'Form of the log',
  'monitoring.logging.file': 'Log file',
  'monitoring.logging.prompts': 'Prompts in the log',
  'dashboard.enabled': 'Dashboard in a browser',
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
