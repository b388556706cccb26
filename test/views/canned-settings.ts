// The settings of a canned peer: saved whole or not at all, in force at once or after a restart.
import {
  type Setting,
  type SettingsAnswer,
  settingsAnswer,
  settingsChange,
} from '../../main/protocol/settings.ts'
import { cannedSettings } from './canned-keys.ts'
import type { Answer, Asked, Route } from './canned-routes.ts'

export interface CannedSettings {
  read(): SettingsAnswer
  /** What was sent, the oldest first. */
  readonly changes: readonly Readonly<Record<string, unknown>>[]
  warn(text: string): void
  restart(): void
  patch(asked: Asked): Answer
}

export function createCannedSettings(): CannedSettings {
  let settings = [...cannedSettings]
  let inForce = settings
  const warnings: string[] = []
  const changes: Readonly<Record<string, unknown>>[] = []
  return { read, changes, warn: text => void warnings.push(text), restart, patch }

  function read(): SettingsAnswer {
    const pending = settings
      .filter(({ key, value }, i) => !key.startsWith('sharing.') && value !== inForce[i]?.value)
      .map(({ key }) => key)
    return settingsAnswer.parse({ settings, pending, warnings })
  }

  function restart(): void {
    inForce = settings
  }

  function patch({ body }: Asked): Answer {
    const change = settingsChange.parse(body).changes
    changes.push(change)
    const problems = Object.entries(change).flatMap(([key, value]) => {
      const message = problemWith(
        settings.find(each => each.key === key),
        value,
      )
      return message === null ? [] : [{ key, message }]
    })
    if (problems.length > 0) {
      const message = `Nothing was saved. ${problems.map(each => `${each.key}: ${each.message}`).join('\n')}`
      return { status: 400, body: { error: { message, code: 'invalid_settings' }, problems } }
    }
    settings = settings.map(each => (each.key in change ? changed(each, change[each.key]) : each))
    return { status: 200, body: read() }
  }
}

export function settingsRoutes(settings: CannedSettings, restart: () => void): Route[] {
  return [
    ['GET', /^\/api\/settings$/, () => ({ status: 200, body: settings.read() })],
    ['PATCH', /^\/api\/settings$/, asked => settings.patch(asked)],
    [
      'POST',
      /^\/api\/restart$/,
      ({ res }) => {
        res.once('close', restart)
        return { status: 202, body: { status: 'restarting' } }
      },
    ],
  ]
}

function changed(setting: Setting, value: unknown): Setting {
  if (value === null)
    return { ...setting, value: setting.defaultValue, source: 'default', sourceText: 'default' }
  return { ...setting, value, source: 'settings', sourceText: 'Settings' }
}

function problemWith(setting: Setting | undefined, value: unknown): string | null {
  if (!setting) return 'unknown key.'
  if (setting.readOnlyReason !== null) return setting.readOnlyReason
  const { control, expected, key } = setting
  if (value === null) return null
  if (key === 'discovery.heartbeat_interval_ms' && Number(value) >= 3500)
    return 'this Mac would count as lost (discovery.offline_timeout_ms is 3500).'
  if (control.kind !== 'number') return null
  const { min, max, whole } = control
  const fits =
    typeof value === 'number' &&
    value >= (min ?? Number.EPSILON) &&
    value <= (max ?? value) &&
    (!whole || Number.isInteger(value))
  return fits ? null : `expected ${expected}, found ${JSON.stringify(value)}.`
}
