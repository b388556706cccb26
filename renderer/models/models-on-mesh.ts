// Which model is where: the Macs' own lists, turned around. Pure.
import type { DashboardWorker } from '../../main/protocol/dashboard.ts'
import { type Fit, fitOf } from '../../main/protocol/model-memory.ts'
import type { ModelState, ModelStatus } from '../../main/protocol/models.ts'
import { modelName } from '../ui/model-name.ts'

/** A Mac as far as models go. */
export interface ModelMac {
  readonly workerId: string
  readonly hostname: string
  readonly isOnline: boolean
  readonly memoryGB: number
  readonly models: readonly ModelStatus[]
}

export interface Place {
  readonly workerId: string
  readonly hostname: string
  readonly isOnline: boolean
  readonly fit: Fit
  /** Null: it is not on this Mac. */
  readonly status: Omit<ModelStatus, 'lastUsedAtMs' | 'createdAtMs'> | null
}

export interface ModelOnMesh {
  readonly modelId: string
  readonly sizeBytes: number
  readonly contextTokens: number
  /** Every Mac of the mesh: those that have it, in their order, then the others. */
  readonly places: readonly Place[]
  /** On how many Macs it answers at once. */
  readonly readyOn: number
}

export const orders = ['ready', 'name', 'size'] as const
export type Order = (typeof orders)[number]

export function modelMac({ workerId, hostname, status, hardware, models }: DashboardWorker): ModelMac {
  return {
    workerId,
    hostname,
    isOnline: status !== 'offline',
    memoryGB: hardware.unifiedMemoryGB,
    models,
  }
}

export function modelsOnMesh(macs: readonly ModelMac[]): ModelOnMesh[] {
  const found = new Map<string, Map<string, ModelStatus>>()
  for (const { workerId, models } of macs) {
    for (const model of models) {
      const onMacs = found.get(model.modelId) ?? new Map()
      found.set(model.modelId, onMacs.set(workerId, model))
    }
  }
  return [...found].map(([modelId, onMacs]) => modelOnMesh(modelId, onMacs, macs))
}

export function inOrder(models: readonly ModelOnMesh[], order: Order): ModelOnMesh[] {
  return [...models].sort((one, other) => rank(other, order) - rank(one, order) || byName(one, other))
}

/** Whether its name has all words of `text`. */
export function isFound(modelId: string, text: string): boolean {
  const said = `${modelId} ${modelName(modelId).name}`.toLowerCase()
  return text
    .toLowerCase()
    .split(/\s+/)
    .every(word => said.includes(word))
}

function modelOnMesh(
  modelId: string,
  onMacs: ReadonlyMap<string, ModelStatus>,
  macs: readonly ModelMac[],
): ModelOnMesh {
  const known = [...onMacs.values()]
  const sizeBytes = Math.max(...known.map(model => model.sizeBytes), ...known.map(bytesToCome))
  const places = macs.map(mac => placeOf(mac, onMacs.get(mac.workerId) ?? null, sizeBytes))
  return {
    modelId,
    sizeBytes,
    contextTokens: Math.max(...known.map(model => model.contextTokens)),
    places: [
      ...places.filter(({ status }) => status !== null),
      ...places.filter(({ status }) => status === null),
    ],
    readyOn: places.filter(({ isOnline, status }) => isOnline && status?.state === 'ready').length,
  }
}

function placeOf(
  { workerId, hostname, isOnline, memoryGB }: ModelMac,
  status: ModelStatus | null,
  sizeBytes: number,
): Place {
  return {
    workerId,
    hostname,
    isOnline,
    fit: fitOf(sizeBytes, memoryGB),
    status: status && withoutTimes(status),
  }
}

/** They change with every request, and are not shown. */
function withoutTimes({ lastUsedAtMs: _used, createdAtMs: _created, ...rest }: ModelStatus) {
  return rest
}

/** While a model is on its way its size may stand nowhere else. */
function bytesToCome({ copied }: ModelStatus): number {
  return copied?.ofBytes ?? 0
}

const stateRanks: Readonly<Record<ModelState, number>> = {
  ready: 5,
  draining: 4,
  warming: 4,
  loading: 4,
  queued: 4,
  downloading: 3,
  failed: 2,
  unloaded: 1,
  absent: 0,
}

function rank({ places, sizeBytes }: ModelOnMesh, order: Order): number {
  if (order === 'size') return sizeBytes
  if (order === 'name') return 0
  return Math.max(
    ...places.map(({ isOnline, status }) => (status && isOnline ? stateRanks[status.state] : -1)),
  )
}

function byName(one: ModelOnMesh, other: ModelOnMesh): number {
  return modelName(one.modelId).name.localeCompare(modelName(other.modelId).name, 'en', { numeric: true })
}
