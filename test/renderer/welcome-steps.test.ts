import { afterEach, describe, expect, test } from 'vitest'
import { findBarriersInBothLights } from '../support/axe.ts'
import { keepScreenshot, noChromium, useChromium } from '../support/chromium.ts'
import { cannedMeshes } from '../views/canned-meshes.ts'
import { type CannedPeer, openCannedPeer } from '../views/canned-peer.ts'

const qwen = 'mlx-community/Qwen3-8B-4bit'

let peer: CannedPeer
afterEach(() => peer.close())

describe.skipIf(noChromium)('the steps of the welcome (needs Chromium)', () => {
  const chromium = useChromium()

  async function open(step: string, bridge = false) {
    peer = await openCannedPeer({ workers: cannedMeshes.one, mesh: { meshName: null } })
    const options = bridge ? { bridge: { peerUrl: peer.url, settings: { welcomed: false } } } : {}
    const looked = await chromium.open(`${peer.url}/#/welcome?step=${step}`, options)
    await looked.page.getByRole('heading', { level: 1 }).waitFor()
    return looked
  }

  test('downloads a model while one goes on', async () => {
    const { page } = await open('model')
    await page.getByText('On this Mac already: it answers at once').waitFor()
    expect(await page.getByText('Qwen3 235B').count()).toBe(0)
    expect(await findBarriersInBothLights(page)).toEqual([])
    await page.getByRole('button', { name: 'Download Qwen3 8B' }).click()
    await page.getByRole('progressbar', { name: 'Download of Qwen3 8B' }).waitFor()
    await page.getByText(/GB of 4\.3 GB/).waitFor()
    await keepScreenshot(page, 'welcome-model')
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByRole('heading', { level: 1, name: 'This Mac' }).waitFor()
    await page.getByRole('button', { name: 'Back' }).click()
    peer.world.changeModel('mac-1', qwen, { state: 'absent', reason: 'The disk is full.' })
    await page.getByText('The disk is full.').waitFor()
    await page.getByRole('button', { name: 'Download Qwen3 8B' }).waitFor()
  })

  test('names this Mac, shares its GPU and opens at login', async () => {
    const { page } = await open('mac', true)
    const name = page.getByRole('textbox', { name: 'Name' })
    await page.getByText('The other Macs show this one by it.').waitFor()
    await name.fill('Workshop')
    await page.getByRole('button', { name: 'Rename' }).click()
    await expect.poll(() => peer.world.workers[0]?.hostname).toBe('Workshop')
    const shared = page.getByRole('switch', { name: 'Share this Mac’s GPU' })
    await shared.click()
    await page.getByRole('switch', { name: 'Share this Mac’s GPU', checked: false }).waitFor()
    peer.world.share('mac-1', { state: 'paused', reason: 'on battery, 40 % left', untilMs: null })
    await page.getByText('Paused for now: on battery, 40 % left.').waitFor()
    await page.getByRole('switch', { name: 'Share this Mac’s GPU', checked: true }).waitFor()
    await page.getByRole('switch', { name: 'Open at login' }).click()
    await page.getByRole('switch', { name: 'Open at login', checked: true }).waitFor()
    expect(await findBarriersInBothLights(page)).toEqual([])
    await keepScreenshot(page, 'welcome-mac')
  })

  test('ends with the address and with text for other programs, and goes on after a reload', async () => {
    const { page } = await open('done', true)
    await page.reload()
    await page.getByRole('heading', { level: 1, name: 'Your endpoint is ready' }).waitFor()
    await page.getByRole('button', { name: 'Copy Base URL' }).click()
    await page.getByText('No key is needed on this Mac.').waitFor()
    for (const [tab, text] of [
      ['curl', `curl ${peer.url}/v1/chat/completions`],
      ['Python', `base_url="${peer.url}/v1"`],
      ['Node', `baseURL: '${peer.url}/v1'`],
      ['Continue', `apiBase: ${peer.url}/v1`],
      ['Zed', `"api_url": "${peer.url}/v1"`],
    ] as const) {
      await page.getByRole('tab', { name: tab }).click()
      expect(await page.getByRole('tabpanel').innerText()).toContain(text)
    }
    expect(await findBarriersInBothLights(page)).toEqual([])
    await keepScreenshot(page, 'welcome-done')
    await page.getByRole('button', { name: 'Try it' }).click()
    await page.getByRole('heading', { level: 1, name: 'Chat' }).waitFor()
    expect(await page.evaluate(() => fakeApp.calls)).toEqual([
      `copyText ${peer.url}/v1`,
      'changeSettings {"welcomed":true}',
    ])
  })
})
