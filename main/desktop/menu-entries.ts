// What the menu says, and what each entry does: a pure function of what is known. How a menu is made of it, Electron
// knows (`menus.ts`).
import type { CoreState, UpdateState } from '../../preload/bridge.ts'
import type { DashboardWorker } from '../protocol/dashboard.ts'
import { type MeshState, ownWorker } from '../protocol/mesh-state.ts'
import { isOnDisk, type ModelStatus } from '../protocol/models.ts'
import { isMeantToShare } from '../protocol/workers.ts'

export interface MenuSituation {
  readonly core: CoreState
  /** Null while the peer has not told anything. */
  readonly mesh: MeshState | null
  readonly update: UpdateState
  readonly quitting: boolean
}

export type Order =
  | { readonly do: 'share' | 'stop-sharing' | 'pause' }
  | { readonly do: 'load' | 'unload'; readonly modelId: string }
  | { readonly do: 'copy-endpoint'; readonly url: string }
  | { readonly do: 'open-dashboard' | 'open-settings' | 'restart-core' }
  | { readonly do: 'check-for-updates' | 'install-update' | 'quit' }

export type MenuEntry =
  | { readonly separator: true }
  | {
      readonly separator?: never
      /** By which tests and Electron find it, whatever it says. */
      readonly id: string
      readonly label: string
      /** Null: it says something and does nothing. */
      readonly order: Order | null
      /** Makes it one that is ticked or not. */
      readonly checked?: boolean
      readonly entries?: readonly MenuEntry[]
    }

export type TrayState = 'off' | 'sharing' | 'busy' | 'attention'

const mostModels = 20
const mostReasonChars = 90

export function menuEntries(situation: MenuSituation): readonly MenuEntry[] {
  const { core, mesh, update, quitting } = situation
  if (quitting) {
    return [
      note('title', 'Quitting when running answers have ended…'),
      { id: 'quit', label: 'Quit now', order: { do: 'quit' } },
    ]
  }
  const url = core.state === 'running' ? core.peer.url : null
  const own = url !== null && mesh ? ownWorker(mesh) : null
  return [
    note('title', titleOf(situation)),
    ...(core.state === 'failed'
      ? [{ id: 'retry', label: 'Try again', order: { do: 'restart-core' } } as const]
      : []),
    line,
    ...sharingEntries(own),
    line,
    modelsEntry(own),
    {
      id: 'copy-endpoint',
      label: 'Copy endpoint address',
      order: url === null ? null : { do: 'copy-endpoint', url: `${url}/v1` },
    },
    line,
    { id: 'open-dashboard', label: 'Open dashboard', order: { do: 'open-dashboard' } },
    { id: 'open-settings', label: 'Settings…', order: { do: 'open-settings' } },
    updateEntry(update),
    line,
    { id: 'quit', label: 'Quit', order: { do: 'quit' } },
  ]
}

export function trayState({ core, mesh, quitting }: MenuSituation): TrayState {
  if (core.state === 'failed' || core.state === 'restarting') return 'attention'
  const own = core.state === 'running' && mesh && !quitting ? ownWorker(mesh) : null
  if (!own || !mesh) return 'off'
  if (mesh.live.length > 0 || (own.metrics?.activeRequests ?? 0) > 0) return 'busy'
  return own.sharing?.state === 'on' ? 'sharing' : 'off'
}

export function isSharing({ core, mesh }: MenuSituation): boolean {
  return core.state === 'running' && mesh !== null && ownWorker(mesh)?.sharing?.state === 'on'
}

/** `3 Macs · 2 models · 45 tok/s` */
function titleOf({ core, mesh }: MenuSituation): string {
  switch (core.state) {
    case 'starting':
      return 'Starting…'
    case 'restarting':
      return 'Starting again…'
    case 'failed':
      return `Not running: ${shorten(core.reason)}`
    case 'running':
      return mesh ? summaryOf(mesh) : 'Starting…'
  }
}

function summaryOf({ workers, overview }: MeshState): string {
  const online = workers.filter(({ status }) => status !== 'offline')
  const loaded = new Set(
    online.flatMap(({ models }) => models.filter(isLoaded).map(({ modelId }) => modelId)),
  ).size
  const speed = Math.round(overview.throughput.current)
  return `${count(online.length, 'Mac')} · ${count(loaded, 'model')} · ${speed} tok/s`
}

function sharingEntries(own: DashboardWorker | null): MenuEntry[] {
  const sharing = own?.sharing ?? null
  // On battery it is meant to, and pauses: that stands below.
  const checked = isMeantToShare(sharing)
  const share: MenuEntry = {
    id: 'share',
    label: "Share this Mac's GPU",
    checked,
    order: sharing === null ? null : { do: checked ? 'stop-sharing' : 'share' },
  }
  if (sharing === null) return [share]
  if (sharing.state === 'on')
    return [share, { id: 'pause', label: 'Pause for an hour', order: { do: 'pause' } }]
  const why = sharing.reason === null ? [] : [note('why-not', `Paused: ${shorten(sharing.reason)}`)]
  if (sharing.untilMs === null) return [share, ...why]
  return [share, ...why, { id: 'resume', label: 'Resume', order: { do: 'share' } }]
}

function modelsEntry(own: DashboardWorker | null): MenuEntry {
  const models = own?.models.filter(isOnDisk) ?? []
  if (models.length === 0) return note('models', own ? 'No models on this Mac' : 'Models')
  const shown = models.slice(0, mostModels).map(modelEntry)
  const more = note('more-models', `${models.length - mostModels} more in the dashboard`)
  return {
    id: 'models',
    label: 'Models',
    order: null,
    entries: models.length > mostModels ? [...shown, more] : shown,
  }
}

function modelEntry(model: ModelStatus): MenuEntry {
  const { modelId, state } = model
  const id = `model:${modelId}`
  const label = `${modelId}: ${stateWords[state]}`
  if (state === 'queued' || state === 'draining') return note(id, label)
  const order: Order = { do: isInMemory(model) ? 'unload' : 'load', modelId }
  return {
    id,
    label,
    order: null,
    entries: [{ id: `${order.do}:${modelId}`, label: order.do === 'load' ? 'Load' : 'Unload', order }],
  }
}

const stateWords: Readonly<Record<ModelStatus['state'], string>> = {
  absent: 'not here',
  downloading: 'being copied',
  queued: 'waits to be loaded',
  loading: 'loading',
  warming: 'loading',
  ready: 'ready',
  draining: 'unloading',
  unloaded: 'not loaded',
  failed: 'failed',
}

function isLoaded({ state }: ModelStatus): boolean {
  return state === 'ready'
}

function isInMemory({ state }: ModelStatus): boolean {
  return state === 'ready' || state === 'loading' || state === 'warming'
}

function updateEntry(update: UpdateState): MenuEntry {
  const id = 'check-for-updates'
  if (update.state === 'ready') {
    return { id, label: `Restart to install ${update.version}`, order: { do: 'install-update' } }
  }
  if (update.state === 'checking') return note(id, 'Checking for updates…')
  if (update.state === 'downloading')
    return note(id, `Downloading an update: ${Math.round(update.percent)} %`)
  return { id, label: 'Check for updates…', order: { do: 'check-for-updates' } }
}

const line: MenuEntry = { separator: true }

function note(id: string, label: string): MenuEntry {
  return { id, label, order: null }
}

function count(number: number, what: string): string {
  return `${number} ${what}${number === 1 ? '' : 's'}`
}

function shorten(text: string): string {
  const [first = ''] = text.split('\n')
  return first.length > mostReasonChars ? `${first.slice(0, mostReasonChars - 1)}…` : first
}
