// Does what a menu's entry stands for.
import { clipboard, Notification } from 'electron'
import type { MeshState } from '../protocol/mesh-state.ts'
import type { Log } from '../telemetry/log.ts'
import { orderPeer } from './ask-peer.ts'
import type { DashboardWindow } from './dashboard-window.ts'
import type { CoreKeeper } from './keep-core.ts'
import type { Order } from './menu-entries.ts'
import type { Updates } from './updates-port.ts'

export interface ObeyOptions {
  readonly core: CoreKeeper
  readonly mesh: () => MeshState | null
  readonly window: DashboardWindow
  readonly updates: Updates
  readonly quit: () => void
  readonly log: Log
}

const pauseMinutes = 60

export function createObey(options: ObeyOptions): (order: Order) => void {
  return order => {
    void obey(order, options).catch(error => {
      options.log.warn('an order of the menu was not obeyed', { order: order.do, error })
      const body = error instanceof Error ? error.message : String(error)
      new Notification({ title: 'That did not work', body }).show()
    })
  }
}

async function obey(order: Order, options: ObeyOptions): Promise<void> {
  const { core, window, updates, quit } = options
  switch (order.do) {
    case 'share':
      return tellOwnWorker(options, 'sharing', { state: 'on' })
    case 'stop-sharing':
      return tellOwnWorker(options, 'sharing', { state: 'off' })
    case 'pause':
      return tellOwnWorker(options, 'sharing', { state: 'paused', minutes: pauseMinutes })
    case 'load':
    case 'unload':
      return tellOwnWorker(options, `${order.do}-model`, { modelId: order.modelId })
    case 'copy-endpoint':
      return clipboard.writeText(order.url)
    case 'open-dashboard':
      return window.open()
    case 'open-settings':
      return window.open('#/settings')
    case 'restart-core':
      return core.restart()
    case 'check-for-updates':
      return updates.check()
    case 'install-update':
      return updates.install()
    case 'quit':
      return quit()
  }
}

async function tellOwnWorker({ core, mesh }: ObeyOptions, what: string, body: object): Promise<void> {
  const state = core.state()
  const own = mesh()?.self.workerId
  if (state.state !== 'running' || own === undefined) throw new Error('MLX Mesh is not running yet.')
  await orderPeer(state.peer, `/api/cluster/workers/${encodeURIComponent(own)}/${what}`, body)
}
