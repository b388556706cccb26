// The app's window without the app: the second implementation of its bridge, for tests of the page in a browser.
import type { AppSettings, CoreState, DesktopBridge, UpdateState } from '../../preload/bridge.ts'

export interface FakeBridgeOptions {
  readonly peerUrl: string
  readonly core?: CoreState
  readonly update?: UpdateState
  readonly settings?: Partial<AppSettings>
}

/** What a test does to the app, and sees of it, as `fakeApp` of the page. */
interface FakeApp {
  core(state: CoreState): void
  update(state: UpdateState): void
  /** The calls of the page, the oldest first. */
  readonly calls: readonly string[]
}

declare global {
  var fakeApp: FakeApp
}

/** Runs in the page before anything of its own (`context.addInitScript`): it may use nothing from outside itself. */
export function installFakeBridge(options: FakeBridgeOptions): void {
  const running: CoreState = { state: 'running', peer: { url: options.peerUrl, token: 'a-token' } }
  let core = options.core ?? running
  let update: UpdateState = options.update ?? { state: 'current' }
  let settings: AppSettings = { openAtLogin: false, welcomed: true, ...options.settings }
  const calls: string[] = []
  const onCore = new Set<(state: CoreState) => void>()
  const onUpdate = new Set<(state: UpdateState) => void>()
  const app: FakeApp = {
    calls,
    core(state) {
      core = state
      for (const run of onCore) run(state)
    },
    update(state) {
      update = state
      for (const run of onUpdate) run(state)
    },
  }
  const bridge: DesktopBridge = {
    platform: 'darwin',
    core: async () => core,
    onCore(run) {
      onCore.add(run)
      return () => onCore.delete(run)
    },
    async restartCore() {
      calls.push('restartCore')
      app.core({ state: 'starting' })
    },
    settings: async () => settings,
    async changeSettings(change) {
      calls.push(`changeSettings ${JSON.stringify(change)}`)
      settings = { ...settings, ...change }
      return settings
    },
    update: async () => update,
    onUpdate(run) {
      onUpdate.add(run)
      return () => onUpdate.delete(run)
    },
    async checkForUpdates() {
      calls.push('checkForUpdates')
      app.update({ state: 'checking' })
    },
    async installUpdate() {
      calls.push('installUpdate')
    },
    async copyText(text) {
      calls.push(`copyText ${text}`)
    },
    async saveDiagnostics() {
      calls.push('saveDiagnostics')
      return '/Users/ada/Desktop/mlx-mesh-diagnostics.zip'
    },
    async showDataFolder() {
      calls.push('showDataFolder')
    },
  }
  Object.defineProperties(globalThis, { mlxMesh: { value: bridge }, fakeApp: { value: app } })
}
