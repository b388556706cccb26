import type { Page } from 'playwright-core'
import { afterEach, describe, expect, test } from 'vitest'
import { findBarriersInBothLights } from '../support/axe.ts'
import { keepScreenshot, noChromium, useChromium } from '../support/chromium.ts'
import { cannedMeshes } from '../views/canned-meshes.ts'
import { type CannedPeer, openCannedPeer } from '../views/canned-peer.ts'

let peer: CannedPeer
afterEach(() => peer.close())

describe.skipIf(noChromium)('settings (needs Chromium)', () => {
  const chromium = useChromium()

  async function open() {
    peer = await openCannedPeer({ workers: cannedMeshes.three })
    const looked = await chromium.open(`${peer.url}/#/settings`)
    await looked.page.getByRole('heading', { name: 'Sharing' }).waitFor()
    return looked
  }

  /** One setting, with everything that stands beside it. */
  function rowOf(page: Page, key: string) {
    return page.locator(`[id="setting-${key}"]`)
  }

  test('stand in sections, sharing first, each with what it means', async () => {
    const { page, complaints } = await open()
    expect(await page.getByRole('heading', { level: 2 }).allInnerTexts()).toEqual([
      'Sharing',
      'This Mac and its address',
      'Finding other Macs',
      'Which Mac answers',
      'Models',
      'Logs and metrics',
      'Dashboard',
      'Bug reports',
    ])
    const row = rowOf(page, 'monitoring.logging.level')
    expect(await row.innerText()).toContain('Default: Info · Set by environment MLX_MESH_LOG_LEVEL')
    await page.getByRole('button', { name: 'Download diagnostics' }).waitFor()
    expect(await findBarriersInBothLights(page)).toEqual([])
    await keepScreenshot(page, 'settings')
    expect(complaints).toEqual([])
  })

  test('of sharing apply at once', async () => {
    const { page } = await open()
    await page.getByText('More, seldom changed').first().click()
    const name = 'Shared unless the switch says otherwise'
    await page.getByRole('switch', { name }).click()
    await page.getByRole('switch', { name, checked: false }).waitFor()
    await page.getByLabel('On battery').selectOption('Go on sharing')
    await rowOf(page, 'sharing.on_battery').getByRole('button', { name: 'Reset' }).waitFor()
    expect(peer.settings.changes).toEqual([{ 'sharing.enabled': false }, { 'sharing.on_battery': 'share' }])
    expect(await page.getByText('after a restart').count()).toBe(0)
  })

  test('have the switch itself beside them', async () => {
    const { page } = await open()
    await page.getByRole('switch', { name: 'Share this Mac’s GPU' }).click()
    await expect.poll(() => peer.world.workers[0]?.sharing?.state).toBe('paused')
    await page.getByRole('switch', { name: 'Share this Mac’s GPU', checked: false }).waitFor()
    expect(peer.settings.changes).toEqual([])
  })

  test('say at the field what is wrong, and save nothing', async () => {
    const { page } = await open()
    const field = page.getByRole('textbox', { name: 'Models in memory' })
    await field.fill('many')
    await field.press('Enter')
    const row = rowOf(page, 'models.max_loaded')
    await row.getByText('Expected a whole number from 1 to 100, found "many".').waitFor()
    expect(await field.getAttribute('aria-invalid')).toBe('true')
    expect(await findBarriersInBothLights(page)).toEqual([])
    await field.fill('7')
    await field.press('Tab')
    await row.getByText('after a restart').waitFor()
    expect(await row.getByRole('alert').innerText()).toBe('')
    expect(peer.settings.changes).toEqual([{ 'models.max_loaded': 'many' }, { 'models.max_loaded': 7 }])
  })

  test('go back to their default', async () => {
    const { page } = await open()
    const row = rowOf(page, 'models.max_loaded')
    expect(await row.getByRole('textbox').inputValue()).toBe('4')
    await row.getByRole('button', { name: 'Reset Models in memory' }).click()
    await row.getByRole('button').waitFor({ state: 'detached' })
    expect(await row.getByRole('textbox').inputValue()).toBe('2')
    expect(peer.settings.changes).toEqual([{ 'models.max_loaded': null }])
  })

  test('that are not changed here say why', async () => {
    const { page } = await open()
    for (const more of await page.getByText('More, seldom changed').all()) await more.click()
    const given = rowOf(page, 'nats.route_port')
    expect(await given.innerText()).toContain('This was given as --route-port at the start')
    expect(await given.getByRole('textbox').isDisabled()).toBe(true)
    expect(await rowOf(page, 'controller.bind_address').innerText()).toContain('in cluster.yaml only')
    expect(await rowOf(page, 'controller.api.allowed_hosts').innerText()).toContain(
      'Set by cluster.yaml, line 4 · This is changed in cluster.yaml only, for safety.',
    )
    const later = rowOf(page, 'nats.jetstream.enabled')
    expect(await later.innerText()).toContain('This has no effect in this release yet.')
    expect(await later.getByRole('switch').isDisabled()).toBe(true)
  })

  test('wait for a restart, after which the page is there again by itself', async () => {
    const { page } = await open()
    await page.getByRole('textbox', { name: 'Sign of life every (ms)' }).fill('800')
    await page.keyboard.press('Tab')
    await page.getByLabel('How much the log says').selectOption('Warn')
    await page.getByText('2 changes saved.').waitFor()
    await keepScreenshot(page, 'settings-pending')
    await page.getByRole('button', { name: 'Restart to apply' }).click()
    await page.getByText('Restarting. The page comes back by itself.').waitFor()
    await page.getByText('Restarting.').waitFor({ state: 'detached' })
    await page.getByText('after a restart').waitFor({ state: 'detached' })
    expect(await page.getByRole('textbox', { name: 'Sign of life every (ms)' }).inputValue()).toBe('800')
  })

  test('lead to the new address when the port changes', async () => {
    const { page } = await open()
    await page.getByRole('textbox', { name: 'Port', exact: true }).fill('9123')
    await page.keyboard.press('Enter')
    const link = page.getByRole('link', { name: 'http://127.0.0.1:9123' })
    expect(await link.getAttribute('href')).toBe('http://127.0.0.1:9123/#/settings')
  })

  test('are found by a word', async () => {
    const { page } = await open()
    await page.getByRole('searchbox', { name: 'Search settings' }).fill('chips')
    await page.getByText('30B+: preferred chips').waitFor()
    expect(await page.getByRole('heading', { level: 2 }).allInnerTexts()).toEqual(['Models'])
    await page.getByRole('searchbox').fill('unicorn')
    await page.getByText('No setting is about that').waitFor()
  })

  test('show what the Mac warns of, and what keeps them away', async () => {
    peer = await openCannedPeer({ workers: cannedMeshes.one })
    peer.settings.warn('port 9000 is in use: the old settings are in force.')
    const { page } = await chromium.open(`${peer.url}/#/settings`)
    await page.getByText('port 9000 is in use').waitFor()
    await page.route('**/api/settings', route =>
      route.fulfill({
        status: 403,
        json: { error: { message: 'Settings are only changed and shown on the Mac itself.' } },
      }),
    )
    await page.reload()
    await page.getByText('only changed and shown on the Mac itself').waitFor()
  })
})
