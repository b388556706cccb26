// What the HTTP door needs from the rest of the peer.
import type { IncomingMessage } from 'node:http'
import type { Access } from '../access/access.ts'
import type { Audit } from '../access/audit.ts'
import type { DoorCertificate } from '../access/door-certificate.ts'
import type { KeyRing } from '../access/key-ring.ts'
import type { ClusterView } from '../cluster/view.ts'
import type { SavedSettings } from '../config/saved-settings.ts'
import type { NearbyPeer } from '../fabric/nearby.ts'
import type { Membership } from '../membership/membership.ts'
import type { Pairing } from '../membership/pair-up.ts'
import type { Clock } from '../protocol/clock.ts'
import type { WorkerLog } from '../protocol/dashboard.ts'
import type { ModelStatus } from '../protocol/models.ts'
import type { DoctorChecks, DoctorFinding } from '../protocol/settings.ts'
import type { PeerBeat, Sharing, SharingOrder } from '../protocol/workers.ts'
import type { History } from '../telemetry/history.ts'
import type { Log } from '../telemetry/log.ts'
import type { Metrics } from '../telemetry/metrics.ts'
import type { Tracing } from '../telemetry/tracing.ts'
import type { ImageAddresses } from './image-addresses.ts'
import type { Infer } from './infer.ts'
import type { Limits } from './limits.ts'
import type { StoredResponses } from './responses/stored-responses.ts'

export interface GatewayOptions {
  readonly infer: Infer
  readonly view: MeshView
  readonly commands: WorkerCommands
  /** Resolves when that peer has answered; rejects when it does not. */
  readonly ping: (workerId: string) => Promise<unknown>
  /** The end of that Mac's log. Rejects with MeshError. */
  readonly readLog: (workerId: string, limit: number) => Promise<WorkerLog>
  readonly history: RequestHistory
  readonly responses: StoredResponses
  readonly metrics: Metrics
  /** Null, or nothing: requests are not traced. */
  readonly tracing?: Tracing | null
  /** Null: this Mac runs alone (mode `standalone`), or over an outside server. */
  readonly mesh: MeshPort | null
  /** Null: whoever started this peer decides its configuration. */
  readonly settings: SettingsPort | null
  readonly doctor: DoctorPort | null
  /** Who may ask, and how often. */
  readonly access: Access
  /** Null: nobody can make keys here. */
  readonly keys: KeyRing | null
  /** Null: orders are not written down. */
  readonly audit: Audit | null
  /** With which other machines speak TLS; null: they speak plain HTTP, or cannot reach this Mac. */
  readonly certificate: DoorCertificate | null
  /** Where a request comes from; that of its socket, if nothing is said. */
  readonly addressOf?: (req: IncomingMessage) => string
  readonly clock: Clock
  readonly log: Log
  readonly identity: PeerIdentity
  /** The Mac that does what must happen once in the mesh; null while there is none. */
  readonly leader: () => { readonly workerId: string; readonly name: string } | null
  readonly bindAddress: string
  /** 0: any free port. */
  readonly port: number
  /** The page has a port of its own, which takes no requests for text; null: it is at `port`. */
  readonly dashboardPort: number | null
  /** `GET /metrics` has a port of its own; null: it is at `port`. */
  readonly metricsPort: number | null
  readonly cors: Cors
  /** Names in `Host` that are accepted beside those of loopback and the bind address. */
  readonly allowedHosts: readonly string[]
  /** What other machines call this Mac. */
  readonly ownHosts?: readonly string[]
  /** What the page in the app's window has to show; without one it is a stranger's page. */
  readonly appToken?: string
  /** The folder with the page of `GET /`; null: none. */
  readonly pageFolder: string | null
  /** How often the dashboard is told the figures of the whole. */
  readonly refreshIntervalMs: number
  /** What `GET /api/catalog` reckons with. */
  readonly catalog: {
    /** What models may take of this Mac's memory, in GB of 2^30 bytes. */
    readonly memoryBudgetGB: number
    /** Whether this Mac may download models. */
    readonly downloads: boolean
  }
  /** Whether `GET /metrics` answers. */
  readonly exportMetrics: boolean
  /** Of pictures that a request only names. */
  readonly images: ImageAddresses
  readonly limits?: Partial<Limits>
}

export type MeshView = Pick<ClusterView, 'workers' | 'worker' | 'onChange'>
export type RequestHistory = Pick<History, 'record' | 'requests' | 'request' | 'timeseries' | 'overview'>

export interface WorkerCommands {
  /** Resolves once the worker has begun. Rejects with MeshError. */
  loadModel(workerId: string, modelId: string): Promise<ModelStatus>
  unloadModel(workerId: string, modelId: string): Promise<ModelStatus>
  pinModel(workerId: string, modelId: string, pinned: boolean): Promise<ModelStatus>
  /** Resolves when it is gone from the disk. */
  removeModel(workerId: string, modelId: string): Promise<ModelStatus>
  /** Resolves with what the Mac says of itself then. Rejects with MeshError. */
  setSharing(workerId: string, order: SharingOrder): Promise<Sharing>
}

export interface MeshPort {
  readonly membership: Membership
  readonly pairing: Pairing
  nearby(): readonly NearbyPeer[]
  /** Whether that Mac is connected now, whatever its role. */
  isPresent(workerId: string): boolean
  /** What it runs, while it is connected. */
  versionOf(workerId: string): string | null
  /** Why other Macs cannot be found, for a reader; null when nothing is known to be wrong. */
  problem(): string | null
}

/** The configuration of this Mac, for its owner. */
export interface SettingsPort extends SavedSettings {
  /** Lets answers in hand end, and starts anew with the configuration as it is saved. */
  restart(): void
}

/** Looks at the parts of this Mac. */
export interface DoctorPort {
  checks(): Promise<DoctorChecks>
  /** Null: there is no such check. */
  look(id: string): Promise<DoctorFinding | null>
  /** Mends what can be mended, and looks again. */
  mend(id: string): Promise<DoctorFinding | null>
  /** A zip file for a bug report. */
  diagnostics(): Promise<Uint8Array>
}

export interface PeerIdentity {
  readonly workerId: string
  /** What this Mac is called now. */
  readonly name: () => string
  readonly version: string
  readonly mode: PeerBeat['mode']
}

export interface Cors {
  readonly enabled: boolean
  /** `https://app.example`, or `*` for every page. */
  readonly origins: readonly string[]
}
