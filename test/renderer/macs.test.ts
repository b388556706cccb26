import type { Page } from 'playwright-core'
import { afterEach, describe, expect, test } from 'vitest'
import type { DashboardWorker } from '../../main/protocol/dashboard.ts'
import { findBarriersInBothLights } from '../support/axe.ts'
import { keepScreenshot, noChromium, useChromium } from '../support/chromium.ts'
import { nextPost } from '../support/page-orders.ts'
import { cannedMeshes } from '../views/canned-meshes.ts'
import { type CannedPeer, openCannedPeer } from '../views/canned-peer.ts'

let peer: CannedPeer
afterEach(() => peer.close())

describe.skipIf(noChromium)('the view of the Macs (needs Chromium)', () => {
  const chromium = useChromium()

  async function open(workers: readonly DashboardWorker[], place = 'macs', options = {}) {
    peer = await openCannedPeer({ workers })
    const looked = await chromium.open(`${peer.url}/#/${place}`, options)
    await looked.page.getByRole('heading', { level: 1 }).waitFor()
    return looked
  }

  function card(page: Page, name: string) {
    return page.getByRole('article', { name })
  }

  test('shows what each Mac is and does, and which one is this Mac', async () => {
    const { page, complaints } = await open(cannedMeshes.three)
    const desk = card(page, 'Desk')
    for (const text of ['M4 Max, 40 GPU cores, 64 GB', 'This Mac', 'Leader', '8.1 of 64 GB', '5 h 0 min'])
      await desk.getByText(text).waitFor()
    await card(page, 'Kitchen laptop').getByText('Paused: on battery').waitFor()
    const kitchen = page.getByRole('switch', { name: 'Share the GPU of Kitchen laptop' })
    expect(await kitchen.isChecked()).toBe(true)
    await card(page, 'Kitchen laptop').getByText('Copying').waitFor()
    expect(await card(page, 'Studio').getByText('This Mac').count()).toBe(0)
    expect(await desk.getByRole('meter', { name: 'Memory' }).getAttribute('aria-valuenow')).toBe('13')
    expect(complaints).toEqual([])
    expect(await findBarriersInBothLights(page)).toEqual([])
    await keepScreenshot(page, 'macs')
  })

  test('switches sharing off and on, and shows what the Mac says', async () => {
    const { page } = await open(cannedMeshes.three)
    const toggle = page.getByRole('switch', { name: 'Share the GPU of Studio' })
    expect(await toggle.isChecked()).toBe(true)
    const order = nextPost(page)
    await toggle.click()
    await page.locator('[role=switch][aria-label="Share the GPU of Studio"][aria-checked=false]').waitFor()
    expect(await order).toEqual(['/api/cluster/workers/mac-2/sharing', { state: 'off' }])
    peer.world.share('mac-2', { state: 'on', reason: null, untilMs: null })
    await page.locator('[role=switch][aria-label="Share the GPU of Studio"][aria-checked=true]').waitFor()
  })

  test('pauses a Mac for an hour, and lets it go on', async () => {
    const { page } = await open(cannedMeshes.three)
    const pause = nextPost(page)
    await page.getByRole('button', { name: 'Pause for an hour: Studio' }).click()
    await card(page, 'Studio')
      .getByText(/^Paused until \d\d:\d\d: its owner asked for it/)
      .waitFor()
    expect(await pause).toEqual(['/api/cluster/workers/mac-2/sharing', { state: 'paused', minutes: 60 }])
    const resume = nextPost(page)
    await page.getByRole('button', { name: 'Resume: Studio' }).click()
    await page.getByRole('button', { name: 'Pause for an hour: Studio' }).waitFor()
    expect(await resume).toEqual(['/api/cluster/workers/mac-2/sharing', { state: 'on' }])
  })

  test('leaves the switch as it is when the Mac refuses, and says why beside it', async () => {
    const { page } = await open(cannedMeshes.three)
    await page.route('**/sharing', route =>
      route.fulfill({
        status: 503,
        json: { error: { message: 'The Mac Studio is offline.', code: 'NO_WORKER' } },
      }),
    )
    await page.getByRole('switch', { name: 'Share the GPU of Studio' }).click()
    await card(page, 'Studio').getByRole('alert').getByText('The Mac Studio is offline.').waitFor()
    expect(await page.getByRole('switch', { name: 'Share the GPU of Studio' }).isChecked()).toBe(true)
  })

  test('shows a Mac that went off grey, with the time when it was last seen', async () => {
    const { page } = await open(cannedMeshes.three)
    peer.world.change('mac-2', { status: 'offline' })
    await card(page, 'Studio')
      .getByText(/^Last seen at \d\d:\d\d:\d\d/)
      .waitFor()
    expect(await card(page, 'Studio').getByRole('switch').count()).toBe(0)
  })

  test('opens the dialog that adds a Mac, also from its address', async () => {
    const { page } = await open(cannedMeshes.one, 'macs?add')
    await page.getByRole('dialog').waitFor()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'Add a Mac…' }).click()
    await page.getByRole('dialog').waitFor()
  })

  test('fits a telephone', async () => {
    const { page } = await open(cannedMeshes.three, 'macs', { viewport: { width: 360, height: 740 } })
    await page.getByText('Share GPU').first().waitFor()
    expect(await page.locator('main').evaluate(main => main.scrollWidth - main.clientWidth)).toBe(0)
  })
})
