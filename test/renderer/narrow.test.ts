import { afterEach, describe, expect, test } from 'vitest'
import { findBarriersInBothLights } from '../support/axe.ts'
import { keepScreenshot, noChromium, useChromium } from '../support/chromium.ts'
import { cannedMeshes } from '../views/canned-meshes.ts'
import { type CannedPeer, openCannedPeer } from '../views/canned-peer.ts'

let peer: CannedPeer
afterEach(() => peer.close())

describe.skipIf(noChromium)('the dashboard on a narrow screen and by keyboard (needs Chromium)', () => {
  const chromium = useChromium()

  test('keeps five screens in reach, and the others behind one button', async () => {
    peer = await openCannedPeer({ workers: cannedMeshes.one })
    const { page, complaints } = await chromium.open(peer.url, { viewport: { width: 360, height: 740 } })
    await page.getByRole('heading', { level: 1 }).waitFor()
    const screens = page.getByRole('navigation', { name: 'Screens' })
    expect(await screens.getByRole('link').allInnerTexts()).toEqual([
      'Cluster',
      'Macs',
      'Models',
      'Requests',
      'Chat',
    ])
    const more = screens.getByRole('button', { name: 'More' })
    await more.click()
    expect(await findBarriersInBothLights(page)).toEqual([])
    await keepScreenshot(page, 'narrow-more')
    await page.keyboard.press('Escape')
    await screens.getByRole('link', { name: 'Health' }).waitFor({ state: 'detached' })
    await more.click()
    await screens.getByRole('link', { name: 'Health' }).click()
    await page.getByRole('heading', { level: 1, name: 'Health' }).waitFor()
    await screens.getByRole('link', { name: 'Health' }).waitFor({ state: 'detached' })
    expect(complaints).toEqual([])
  })

  test('lets the keyboard go over the list of screens', async () => {
    peer = await openCannedPeer({ workers: cannedMeshes.one })
    const { page } = await chromium.open(`${peer.url}/#/settings`)
    await page.getByRole('heading', { level: 1, name: 'Settings' }).waitFor()
    const skip = page.getByRole('button', { name: 'Skip to content' })
    await skip.focus()
    await keepScreenshot(page, 'skip-link')
    await page.keyboard.press('Enter')
    expect(await page.evaluate('document.activeElement.id')).toBe('content')
    expect(page.url()).toBe(`${peer.url}/#/settings`)
    const current = page.getByRole('navigation', { name: 'Screens' }).locator('[aria-current="page"]')
    expect(await current.innerText()).toBe('Settings')
  })

  test('says in words that nothing answers, instead of a page that never comes', async () => {
    peer = await openCannedPeer({ workers: cannedMeshes.one })
    const { page } = await chromium.open('about:blank')
    await page.routeWebSocket(/dashboard/, socket => void socket.close())
    await page.goto(peer.url)
    await page.getByText('MLX Mesh does not answer on this Mac').waitFor()
  })
})
