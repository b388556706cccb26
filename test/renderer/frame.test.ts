import { afterEach, describe, expect, test } from 'vitest'
import { findBarriersInBothLights } from '../support/axe.ts'
import { keepScreenshot, noChromium, useChromium } from '../support/chromium.ts'
import { cannedMeshes } from '../views/canned-meshes.ts'
import { type CannedPeer, openCannedPeer } from '../views/canned-peer.ts'

const screenNames = ['Cluster', 'Macs', 'Models', 'Requests', 'Chat', 'Settings', 'Health']

let peer: CannedPeer
afterEach(() => peer.close())

describe.skipIf(noChromium)('the frame of the dashboard (needs Chromium)', () => {
  const chromium = useChromium()

  test('leads to every screen, and nothing on the way is an error', async () => {
    peer = await openCannedPeer({ workers: cannedMeshes.three, requests: 50 })
    const { page, complaints } = await chromium.open(peer.url)
    for (const name of screenNames) {
      await page.getByRole('link', { name, exact: true }).click()
      await page.getByRole('heading', { level: 1, name }).waitFor()
      expect(await page.title()).toBe(`${name} · MLX Mesh`)
    }
    expect(complaints).toEqual([])
    await keepScreenshot(page, 'frame')
  })

  test("has nothing in anybody's way, in the light and in the dark", async () => {
    peer = await openCannedPeer({ workers: cannedMeshes.three, requests: 50 })
    const { page } = await chromium.open(peer.url)
    await page.getByRole('heading', { level: 1 }).waitFor()
    expect(await findBarriersInBothLights(page)).toEqual([])
  })

  test('says when the Mac does not answer any more, and takes up again when it is back', async () => {
    peer = await openCannedPeer({ workers: cannedMeshes.one })
    const { page } = await chromium.open(peer.url)
    await page.getByRole('heading', { level: 1 }).waitFor()
    peer.vanish(true)
    await page.getByText('does not answer on this Mac').waitFor()
    peer.vanish(false)
    await page.getByText('does not answer on this Mac').waitFor({ state: 'detached' })
  })

  test('keeps the other screens when one cannot be fetched, and has it after a reload', async () => {
    peer = await openCannedPeer({ workers: cannedMeshes.one })
    const { page } = await chromium.open(peer.url)
    await page.getByRole('heading', { level: 1, name: 'Cluster' }).waitFor()
    await page.route('**/assets/models-view-*.js', route => route.abort())
    await page.getByRole('link', { name: 'Models', exact: true }).click()
    await page.getByRole('alert').getByText('This screen could not be shown').waitFor()
    await page.getByRole('link', { name: 'Cluster', exact: true }).click()
    await page.getByRole('heading', { level: 1, name: 'Cluster' }).waitFor()
    await page.getByRole('link', { name: 'Models', exact: true }).click()
    await page.unroute('**/assets/models-view-*.js')
    await page.getByRole('button', { name: 'Reload the page' }).click()
    await page.getByRole('heading', { level: 1, name: 'Models' }).waitFor()
  })

  test('notices a Mac that fell silent without a word, and takes up again when it speaks', async () => {
    peer = await openCannedPeer({ workers: cannedMeshes.one })
    const { page } = await chromium.open(peer.url)
    let isCut = false
    await page.routeWebSocket('**/ws/dashboard', socket => {
      const server = socket.connectToServer()
      server.onMessage(text => {
        if (!isCut) socket.send(text)
      })
    })
    await page.clock.install()
    await page.reload()
    await page.getByRole('heading', { level: 1, name: 'Cluster' }).waitFor()
    await page.clock.fastForward('00:30')
    expect(await page.getByText('does not answer on this Mac').count()).toBe(0)
    isCut = true
    await page.route('**/overview', route => route.abort())
    await page.clock.fastForward('00:10')
    await page.clock.fastForward('00:10')
    await page.getByText('does not answer on this Mac').waitFor()
    isCut = false
    await page.clock.fastForward('00:10')
    await page.getByText('does not answer on this Mac').waitFor({ state: 'detached' })
  })

  test('draws what comes also where the browser gives no frames, as behind other windows', async () => {
    peer = await openCannedPeer({ workers: cannedMeshes.one })
    const { page } = await chromium.open(peer.url)
    await page.addInitScript('window.requestAnimationFrame = () => 0')
    await page.reload()
    await page.getByRole('heading', { level: 1, name: 'Cluster' }).waitFor()
    peer.world.start({ workerId: 'mac-1', phase: 'generating', tokensGenerated: 77 })
    await page.getByText('77 tokens').waitFor()
  })
})
