// Every screen: its place behind the #, its name and its sign. What is heavy is loaded when it is opened.
import { ChatCircleIcon } from '@phosphor-icons/react/dist/csr/ChatCircle'
import { CubeIcon } from '@phosphor-icons/react/dist/csr/Cube'
import { DesktopIcon } from '@phosphor-icons/react/dist/csr/Desktop'
import { GearIcon } from '@phosphor-icons/react/dist/csr/Gear'
import { GraphIcon } from '@phosphor-icons/react/dist/csr/Graph'
import { HeartbeatIcon } from '@phosphor-icons/react/dist/csr/Heartbeat'
import { ListBulletsIcon } from '@phosphor-icons/react/dist/csr/ListBullets'
import type { Icon } from '@phosphor-icons/react/dist/lib/types'
import { type ComponentType, lazy } from 'react'
import { ClusterView } from './cluster/cluster-view.tsx'

export interface Screen {
  /** The first segment of its place. */
  readonly path: string
  readonly name: string
  readonly Icon: Icon
  readonly View: ComponentType
}

const MacsView = lazy(async () => ({ default: (await import('./macs/macs-view.tsx')).MacsView }))
const ModelsView = lazy(async () => ({ default: (await import('./models/models-view.tsx')).ModelsView }))
const RequestsView = lazy(async () => ({
  default: (await import('./requests/requests-view.tsx')).RequestsView,
}))
const ChatView = lazy(async () => ({ default: (await import('./chat/chat-view.tsx')).ChatView }))
const SettingsView = lazy(async () => ({
  default: (await import('./settings/settings-view.tsx')).SettingsView,
}))
const HealthView = lazy(async () => ({ default: (await import('./health/health-view.tsx')).HealthView }))

export const WelcomeView = lazy(async () => ({
  default: (await import('./welcome/welcome-view.tsx')).WelcomeView,
}))

const first: Screen = { path: 'cluster', name: 'Cluster', Icon: GraphIcon, View: ClusterView }

export const screens: readonly Screen[] = [
  first,
  { path: 'macs', name: 'Macs', Icon: DesktopIcon, View: MacsView },
  { path: 'models', name: 'Models', Icon: CubeIcon, View: ModelsView },
  { path: 'requests', name: 'Requests', Icon: ListBulletsIcon, View: RequestsView },
  { path: 'chat', name: 'Chat', Icon: ChatCircleIcon, View: ChatView },
  { path: 'settings', name: 'Settings', Icon: GearIcon, View: SettingsView },
  { path: 'health', name: 'Health', Icon: HeartbeatIcon, View: HealthView },
]

/** The first one where none has that place. */
export function screenAt(path: string | undefined): Screen {
  return screens.find(screen => screen.path === path) ?? first
}
