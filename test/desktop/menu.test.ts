// The menu in a real Electron, over a peer that is a small server: what it shows is what that peer says.
import { once } from 'node:events'
import { describe, expect, test } from 'vitest'
import { hasEnded } from '../support/processes.ts'
import { aWorker } from './support/a-mesh.ts'
import { descendantsOf } from './support/descendants.ts'
import { noApp, oldElectron, type RealApp, startApp, until, whyNoApp } from './support/real-app.ts'

async function startWithPeer() {
  const app = await startApp({ fakeCore: true })
  await app.menuWhen(shown => shown.get('title')?.label === '2 Macs · 1 model · 45 tok/s')
  const page = await app.openWindow()
  const url = String(await page.evaluate('mlxMesh.core().then(core => core.peer.url)'))
  return {
    app,
    url,
    orders: async (): Promise<unknown> => (await fetch(`${url}/test/orders`)).json(),
    tell: (path: string, body: object) =>
      fetch(`${url}/test/${path}`, { method: 'POST', body: JSON.stringify(body) }),
  }
}

const isTicked = (ticked: boolean) => (shown: Awaited<ReturnType<RealApp['menu']>>) =>
  shown.get('share')?.checked === ticked

const sharingPath = '/api/cluster/workers/self/sharing'

describe.skipIf(noApp)(`the menu of the app${whyNoApp}`, oldElectron, () => {
  test('shares, and stops sharing, and shows what the peer says of it', async () => {
    const { app, orders, tell } = await startWithPeer()
    await app.menuWhen(isTicked(true))
    await app.click('share')
    await app.menuWhen(isTicked(false))
    await app.click('share')
    await app.menuWhen(isTicked(true))
    expect(await orders()).toEqual([
      { path: sharingPath, body: { state: 'off' } },
      { path: sharingPath, body: { state: 'on' } },
    ])
    // Somebody else, at another Mac or in the dashboard.
    await tell(
      'self',
      aWorker({ sharing: { state: 'paused', reason: 'sharing is switched off', untilMs: null } }),
    )
    const menu = await app.menuWhen(isTicked(false))
    expect(menu.get('why-not')?.label).toBe('Paused: sharing is switched off')
  })

  test('shows what is, also where the peer does not obey', async () => {
    const { app, orders, tell } = await startWithPeer()
    await tell('deaf', {})
    await app.click('share')
    await until(async () => (JSON.stringify(await orders()).includes('off') ? true : undefined))
    expect((await app.menu()).get('share')?.checked).toBe(true)
    await until(() => (app.log().includes('was not obeyed') ? true : undefined))
    expect((await app.menu()).get('share')?.checked).toBe(true)
  })

  test('pauses for an hour, and goes on', async () => {
    const { app, orders } = await startWithPeer()
    await app.click('pause')
    await app.menuWhen(shown => shown.has('resume'))
    await app.click('resume')
    await app.menuWhen(shown => shown.has('pause'))
    expect(await orders()).toEqual([
      { path: sharingPath, body: { state: 'paused', minutes: 60 } },
      { path: sharingPath, body: { state: 'on' } },
    ])
  })

  test('loads and unloads models', async () => {
    const { app, orders } = await startWithPeer()
    await app.click('unload:tiny')
    await app.click('load:large')
    await until(async () => (JSON.stringify(await orders()).includes('large') ? true : undefined))
    expect(await orders()).toEqual([
      { path: '/api/cluster/workers/self/unload-model', body: { modelId: 'tiny' } },
      { path: '/api/cluster/workers/self/load-model', body: { modelId: 'large' } },
    ])
  })

  test('copies the address of the endpoint', async () => {
    const { app, url } = await startWithPeer()
    await app.click('copy-endpoint')
    expect(await app.electron.evaluate(({ clipboard }) => clipboard.readText())).toBe(`${url}/v1`)
  })

  test('opens the settings in the window that is open', async () => {
    const { app } = await startWithPeer()
    await app.click('open-settings')
    const page = await app.openWindow()
    await page.waitForURL('app://mlx-mesh/#/settings')
    expect(app.electron.windows().length).toBe(1)
  })

  test('is of no mesh while the peer is gone, and comes back with it', async () => {
    const { app, tell } = await startWithPeer()
    await tell('die', {}).catch(() => {})
    await app.menuWhen(
      shown => shown.get('title')?.label === 'Starting again…' && shown.get('share')?.checked === false,
    )
    await app.menuWhen(shown => shown.get('title')?.label === '2 Macs · 1 model · 45 tok/s')
  })

  test('waits for the core when it quits, and not when it is told again', async () => {
    const { app, tell } = await startWithPeer()
    const core = descendantsOf(app.pid)
    await tell('stubborn', {})
    const exited = once(app.electron.process(), 'exit')
    await app.click('quit')
    const menu = await app.menuWhen(shown => shown.get('quit')?.label === 'Quit now')
    expect(menu.get('title')?.label).toBe('Quitting when running answers have ended…')
    await expect.poll(() => app.electron.windows()).toEqual([])
    await app.click('quit').catch(() => {})
    expect((await exited)[0]).toBe(0)
    for (const pid of core) expect(await hasEnded(pid, 5000)).toBe(true)
  })

  test('keeps the Mac awake only while it shares', async () => {
    const { app } = await startWithPeer()
    const isKept = () =>
      app.electron.evaluate(
        ({ powerSaveBlocker }) => powerSaveBlocker.isStarted(0) || powerSaveBlocker.isStarted(1),
      )
    expect(await isKept()).toBe(true)
    await app.click('share')
    await app.menuWhen(isTicked(false))
    expect(await isKept()).toBe(false)
  })
})
