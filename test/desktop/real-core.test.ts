// The app and the core that it comes with: from the menu to the worker, and back.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { findFreePort } from '../../main/fabric/free-port.ts'
import { makeTempFolder } from '../support/temp-folder.ts'
import { noApp, oldElectron, type RealApp, startApp, whyNoApp } from './support/real-app.ts'

const workers = z.array(z.object({ workerId: z.string(), sharing: z.object({ state: z.string() }) }))

async function startWithCore() {
  const home = makeTempFolder()
  writeFileSync(join(home, 'app.json'), '{"welcomed": true}')
  const app = await startApp({ home })
  await app.menuWhen(isTicked(true))
  const url = await app.peerUrl()
  const own = async () => {
    const [worker] = workers.parse(await (await fetch(`${url}/api/cluster/workers`)).json())
    if (!worker) throw new Error('the peer has no worker')
    return worker
  }
  return { app, url, own }
}

const isTicked = (ticked: boolean) => (shown: Awaited<ReturnType<RealApp['menu']>>) =>
  shown.get('share')?.checked === ticked && shown.get('share')?.enabled === true

describe.skipIf(noApp)(`the app with its core${whyNoApp}`, oldElectron, () => {
  test('shares and stops sharing by the menu, and the menu follows who else says so', async () => {
    const { app, url, own } = await startWithCore()
    await app.click('share')
    await app.menuWhen(isTicked(false))
    expect((await own()).sharing.state).toBe('paused')
    await app.click('share')
    await app.menuWhen(isTicked(true))
    expect((await own()).sharing.state).toBe('on')
    const { workerId } = await own()
    await fetch(`${url}/api/cluster/workers/${workerId}/sharing`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"state":"off"}',
    })
    const menu = await app.menuWhen(isTicked(false))
    expect(menu.get('why-not')?.label).toBe('Paused: sharing is switched off')
  })

  test('shows after a crash of the core what its owner wanted before', async () => {
    const { app } = await startWithCore()
    await app.click('share')
    await app.menuWhen(isTicked(false))
    const first = await app.corePid()
    process.kill(first, 'SIGKILL')
    await app.corePid(first)
    const menu = await app.menuWhen(isTicked(false))
    expect(menu.get('title')?.label).toBe('1 Mac · 0 models · 0 tok/s')
  })

  test('is at the new port when the settings have one, with the same core', async () => {
    const { app, url } = await startWithCore()
    const core = await app.corePid()
    const port = await findFreePort('127.0.0.1')
    const tell = (method: string, path: string, body: object) =>
      fetch(url + path, {
        method,
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
    await tell('PATCH', '/api/settings', { changes: { 'controller.port': port } })
    expect((await tell('POST', '/api/restart', {})).status).toBe(202)
    await app.menuWhen(menu => menu.get('copy-endpoint')?.enabled === false)
    await app.menuWhen(isTicked(true))
    await app.click('copy-endpoint')
    expect(await app.electron.evaluate(({ clipboard }) => clipboard.readText())).toBe(
      `http://127.0.0.1:${port}/v1`,
    )
    expect(await app.corePid()).toBe(core)
  })

  test('loads a model by the menu, and unloads it', async () => {
    const { app } = await startWithCore()
    const shown = await app.menuWhen(menu => [...menu.keys()].some(id => id.startsWith('load:')))
    const model = [...shown.keys()].find(id => id.startsWith('load:'))?.slice('load:'.length) ?? ''
    await app.click(`load:${model}`)
    await app.menuWhen(menu => menu.get(`model:${model}`)?.label === `${model}: ready`)
    await app.click(`unload:${model}`)
    await app.menuWhen(menu => menu.get(`model:${model}`)?.label === `${model}: not loaded`)
  })
})
