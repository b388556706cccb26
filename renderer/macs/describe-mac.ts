// What is said of a Mac wherever it is shown.
import type { DashboardWorker } from '../../main/protocol/dashboard.ts'
import type { ModelState } from '../../main/protocol/models.ts'
import { ownersReasons, type Sharing } from '../../main/protocol/workers.ts'
import { timeOfDay } from '../ui/format.ts'
import { modelName } from '../ui/model-name.ts'
import type { Tone } from '../ui/status.tsx'

export interface Said {
  readonly tone: Tone
  readonly word: string
}

export function sayState({ status, sharing, models }: DashboardWorker): Said {
  if (status === 'offline') return { tone: 'idle', word: 'Offline' }
  if (sharing?.state === 'leaving') return { tone: 'fair', word: 'Leaving' }
  if (status === 'degraded' || models.some(({ state }) => state === 'failed'))
    return { tone: 'bad', word: 'Needs attention' }
  if (sharing?.state === 'paused') return { tone: 'fair', word: 'Paused' }
  return { tone: 'good', word: 'Online' }
}

/** What a Mac says when its owner has switched sharing off, rather than paused it. */
const [switchedOff] = ownersReasons

/** "Paused until 14:03: its owner asked for it" */
export function saySharing(sharing: Sharing | null): string {
  if (sharing === null) return 'Not known yet'
  if (sharing.state === 'on') return 'Works for every Mac of the mesh'
  if (sharing.reason === switchedOff) return 'Off: it works for its own apps only'
  const word = sharing.state === 'leaving' ? 'Leaving' : 'Paused'
  const until = sharing.untilMs === null ? '' : ` until ${timeOfDay(sharing.untilMs).slice(0, 5)}`
  return `${word}${until}${sharing.reason === null ? '' : `: ${sharing.reason}`}`
}

/** "M4 Max" of "Apple M4 Max" */
export function shortChip(chipModel: string): string {
  return chipModel.replace(/^Apple /, '')
}

/** What answers at once, as people call it. */
export function readyModels({ models, status }: DashboardWorker): string[] {
  if (status === 'offline') return []
  return models.filter(({ state }) => state === 'ready').map(({ modelId }) => modelName(modelId).name)
}

const modelWords: Record<ModelState, Said> = {
  absent: { tone: 'bad', word: 'Did not arrive' },
  downloading: { tone: 'fair', word: 'Copying' },
  queued: { tone: 'fair', word: 'Waiting' },
  loading: { tone: 'fair', word: 'Loading' },
  warming: { tone: 'fair', word: 'Warming up' },
  ready: { tone: 'good', word: 'Ready' },
  draining: { tone: 'fair', word: 'Finishing' },
  unloaded: { tone: 'idle', word: 'Not loaded' },
  failed: { tone: 'bad', word: 'Failed' },
}

export function sayModelState(state: ModelState): Said {
  return modelWords[state]
}

/** "On battery, 64 %"; null where the system says nothing. */
export function sayPower(worker: DashboardWorker): string | null {
  const { power } = worker
  if (power?.onBattery == null) return null
  const charge = power.batteryPercent === null ? '' : `, ${Math.round(power.batteryPercent)} %`
  return `${power.onBattery ? 'On battery' : 'Plugged in'}${charge}`
}

const thermalWords = { nominal: 'Cool', fair: 'Warm', serious: 'Hot', critical: 'Too hot' } as const
const thermalTones = { nominal: 'good', fair: 'fair', serious: 'bad', critical: 'bad' } as const

/** "Warm, 48 °C"; null where the system says nothing. */
export function sayHeat({ power }: DashboardWorker): Said | null {
  if (!power) return null
  const { thermalState, temperatureCelsius } = power
  const degrees = temperatureCelsius === null ? null : `${Math.round(temperatureCelsius)} °C`
  if (thermalState === null) return degrees === null ? null : { tone: 'idle', word: degrees }
  const word = [thermalWords[thermalState], degrees].filter(Boolean).join(', ')
  return { tone: thermalTones[thermalState], word }
}

export function memoryPercent({ metrics, hardware }: DashboardWorker): number | null {
  if (!metrics || hardware.unifiedMemoryGB === 0) return null
  return (100 * metrics.memoryUsedGB) / hardware.unifiedMemoryGB
}

/** "12.4 of 64 GB" */
export function sayMemory({ metrics, hardware }: DashboardWorker): string {
  return `${metrics?.memoryUsedGB.toFixed(1) ?? '–'} of ${Math.round(hardware.unifiedMemoryGB)} GB`
}
