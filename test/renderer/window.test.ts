import { afterEach, describe, expect, test } from 'vitest'
import { findBarriersInBothLights } from '../support/axe.ts'
import { keepScreenshot, noChromium, useChromium } from '../support/chromium.ts'
import { cannedMeshes } from '../views/canned-meshes.ts'
import { type CannedPeer, openCannedPeer } from '../views/canned-peer.ts'
import type { FakeBridgeOptions } from '../views/fake-bridge.ts'

let peer: CannedPeer
afterEach(() => peer.close())

describe.skipIf(noChromium)("the page in the app's window (needs Chromium)", () => {
  const chromium = useChromium()

  async function open(bridge: Partial<FakeBridgeOptions> = {}, place = '') {
    peer = await openCannedPeer({ workers: cannedMeshes.three, requests: 10 })
    return await chromium.open(`${peer.url}/${place}`, { bridge: { peerUrl: peer.url, ...bridge } })
  }

  test('says why the app cannot start, and tries again', async () => {
    const reason = 'Port 8080 is used by another program.'
    const { page, complaints } = await open({ core: { state: 'failed', reason } })
    await page.getByRole('heading', { name: 'MLX Mesh cannot start on this Mac' }).waitFor()
    await page.getByText(reason).waitFor()
    expect(await findBarriersInBothLights(page)).toEqual([])
    await keepScreenshot(page, 'window-failed')
    await page.getByRole('button', { name: 'Try again' }).click()
    expect(await page.evaluate(() => fakeApp.calls)).toEqual(['restartCore'])
    await page.getByText('cannot start').waitFor({ state: 'detached' })
    await page.evaluate(url => fakeApp.core({ state: 'running', peer: { url, token: 'x' } }), peer.url)
    await page.getByText('3 Macs').first().waitFor()
    expect(complaints).toEqual([])
  })

  test('waits for an app that is still starting, and begins when it runs', async () => {
    const { page, complaints } = await open({ core: { state: 'starting' } })
    await page.getByText('MLX Mesh is starting').waitFor()
    await page.evaluate(url => fakeApp.core({ state: 'running', peer: { url, token: 'x' } }), peer.url)
    await page.getByRole('heading', { level: 1, name: 'Cluster' }).waitFor()
    expect(complaints).toEqual([])
  })

  test('shows what was there while the core is repaired', async () => {
    const { page } = await open()
    await page.getByRole('heading', { level: 1, name: 'Cluster' }).waitFor()
    await page.evaluate(() => fakeApp.core({ state: 'restarting', reason: 'it was killed' }))
    await page.getByText('stopped unexpectedly and is starting again').waitFor()
    await page.getByRole('heading', { level: 1, name: 'Cluster' }).waitFor()
    await page.evaluate(() => fakeApp.core({ state: 'failed', reason: 'it ended five times.' }))
    await page.getByText('cannot start on this Mac: it ended five times.').waitFor()
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.evaluate(url => fakeApp.core({ state: 'running', peer: { url, token: 'x' } }), peer.url)
    await page.getByText('cannot start').waitFor({ state: 'detached' })
  })

  test('offers a new version, and puts it off', async () => {
    const { page } = await open()
    await page.getByRole('heading', { level: 1 }).waitFor()
    expect(await page.getByText('is ready').count()).toBe(0)
    await page.evaluate(() => fakeApp.update({ state: 'ready', version: '0.2.0' }))
    await page.getByText('Version 0.2.0 is ready.').waitFor()
    await page.getByRole('button', { name: 'Restart to update' }).click()
    expect(await page.evaluate(() => fakeApp.calls)).toEqual(['installUpdate'])
    await page.getByRole('button', { name: 'Later' }).click()
    await page.getByText('Version 0.2.0 is ready.').waitFor({ state: 'detached' })
  })

  test('welcomes a newcomer by itself, once', async () => {
    const { page } = await open({ settings: { welcomed: false } })
    await page.getByRole('heading', { name: 'Welcome to MLX Mesh' }).waitFor()
    await page.getByRole('button', { name: 'Skip' }).click()
    await page.getByRole('heading', { level: 1, name: 'Cluster' }).waitFor()
    expect(await page.evaluate(() => fakeApp.calls)).toEqual(['changeSettings {"welcomed":true}'])
  })

  test('opens at login if its owner says so, looks for updates, and saves diagnostics', async () => {
    const { page } = await open({}, '#/settings')
    await page.getByRole('switch', { name: 'Open at login' }).click()
    await page.getByRole('switch', { name: 'Open at login', checked: true }).waitFor()
    await page.getByRole('button', { name: 'Check for updates' }).click()
    await page.getByText('Looking for a new version.').waitFor()
    await page.evaluate(() => fakeApp.update({ state: 'downloading', percent: 40 }))
    await page.getByRole('progressbar', { name: 'Download of the new version' }).waitFor()
    const reason = 'This build is not updated by itself: get a newer one.'
    await page.evaluate(unavailable => fakeApp.update({ state: 'unavailable', reason: unavailable }), reason)
    await page.getByText(reason, { exact: true }).waitFor()
    await page.evaluate(() => fakeApp.update({ state: 'failed', reason: 'the network is gone.' }))
    await page.getByText('It did not work: the network is gone.').waitFor()
    await page.getByRole('button', { name: 'Save diagnostics…' }).click()
    await page.getByText('Saved: /Users/ada/Desktop/mlx-mesh-diagnostics.zip').waitFor()
    await page.getByRole('button', { name: 'Show in Finder' }).click()
    expect(await page.evaluate(() => fakeApp.calls)).toEqual([
      'changeSettings {"openAtLogin":true}',
      'checkForUpdates',
      'saveDiagnostics',
      'showDataFolder',
    ])
  })
})
