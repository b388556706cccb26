// What the app's window offers to the page beyond a browser, as `window.mlxMesh`; a browser has no such thing. The page
// asks the peer for everything else, over HTTP and WebSocket.

/** Where the peer is; the token admits the page of the window, whose origin is not the peer's. */
export interface PeerAddress {
  /** `http://127.0.0.1:8080` */
  readonly url: string
  readonly token: string
}

/** The core is the process that serves: the window outlives it. */
export type CoreState =
  | { readonly state: 'starting' }
  | { readonly state: 'running'; readonly peer: PeerAddress }
  /** It ended unexpectedly and is being started again. */
  | { readonly state: 'restarting'; readonly reason: string }
  /** It cannot be started: what is in the way, and what to do. */
  | { readonly state: 'failed'; readonly reason: string }

export type UpdateState =
  | { readonly state: 'idle' | 'checking' | 'current' }
  | { readonly state: 'downloading'; readonly percent: number }
  | { readonly state: 'ready'; readonly version: string }
  | { readonly state: 'failed'; readonly reason: string }
  /** This build is not updated by itself: it runs from a checkout, or is not signed. */
  | { readonly state: 'unavailable'; readonly reason: string }

export interface AppSettings {
  readonly openAtLogin: boolean
  /** Whether the welcome has been gone through once. */
  readonly welcomed: boolean
}

export interface DesktopBridge {
  readonly platform: 'darwin' | 'linux'
  core(): Promise<CoreState>
  /** Returns how to end it. */
  onCore(run: (state: CoreState) => void): () => void
  restartCore(): Promise<void>
  settings(): Promise<AppSettings>
  changeSettings(change: Partial<AppSettings>): Promise<AppSettings>
  update(): Promise<UpdateState>
  onUpdate(run: (state: UpdateState) => void): () => void
  checkForUpdates(): Promise<void>
  /** Restarts the app into the new version. */
  installUpdate(): Promise<void>
  copyText(text: string): Promise<void>
  /** Asks where, and saves the bundle of the peer there; resolves with the file's path, or null when called off. */
  saveDiagnostics(): Promise<string | null>
  /** Shows the data folder in the Finder. */
  showDataFolder(): Promise<void>
}

declare global {
  interface Window {
    readonly mlxMesh?: DesktopBridge
  }
}
