import { afterEach, describe, expect, test } from 'vitest'
import { findBarriersInBothLights } from '../support/axe.ts'
import { keepScreenshot, noChromium, useChromium } from '../support/chromium.ts'
import { cannedNearby } from '../views/canned-mesh.ts'
import { cannedMeshes } from '../views/canned-meshes.ts'
import { type CannedPeer, openCannedPeer } from '../views/canned-peer.ts'

const studio = cannedNearby('mac-8', 'Studio', { meshId: 'm', meshName: 'Home', pairing: { port: 5 } })

let peer: CannedPeer
afterEach(() => peer.close())

describe.skipIf(noChromium)('the welcome (needs Chromium)', () => {
  const chromium = useChromium()

  async function open() {
    peer = await openCannedPeer({ workers: cannedMeshes.one, mesh: { meshName: null, nearby: [studio] } })
    const looked = await chromium.open(`${peer.url}/#/welcome`)
    await looked.page.getByRole('heading', { level: 1 }).waitFor()
    return looked
  }

  test('joins a mesh nearby, with the same six digits on both Macs', async () => {
    const { page, complaints } = await open()
    await page.getByText('Studio lets a Mac in right now').waitFor()
    expect(await findBarriersInBothLights(page)).toEqual([])
    await keepScreenshot(page, 'welcome')
    await page.getByRole('button', { name: 'Join Home' }).click()
    await page.getByText('Knocking at the other Mac.').waitFor()
    peer.mesh.compare('Studio')
    await page.getByText('Does Studio show the same six digits?').waitFor()
    expect(await findBarriersInBothLights(page)).toEqual([])
    await page.getByRole('button', { name: 'Yes, the same' }).click()
    await page.getByText('Now confirm on Studio.').waitFor()
    peer.mesh.become({ state: 'done', role: 'joiner', meshName: 'Home', withName: 'Studio' })
    await page.getByText('This Mac is in the mesh “Home” now').waitFor()
    expect(peer.mesh.orders).toEqual([
      { order: 'join', body: { nearby: 'mac-8' } },
      { order: 'pairing/confirm', body: { match: true } },
    ])
    expect(complaints).toEqual([])
  })

  test('joins with a code, and says what is wrong with one', async () => {
    const { page } = await open()
    await page.getByText('I have an invitation code').click()
    await page.getByRole('textbox', { name: 'Code' }).fill('ABCD')
    await page.getByRole('button', { name: 'Join with this code' }).click()
    await page.getByText('it has 4 letters and digits instead of 28').waitFor()
    await page.getByRole('textbox', { name: 'Code' }).fill(' 7K2M-9XQP-4TVN-C8RD-W3HJ-6YBF-GA5E ')
    await page.getByRole('textbox', { name: /^Address of the other Mac/ }).fill('192.168.1.11:52114')
    await page.keyboard.press('Enter')
    await page.getByText('Knocking at the other Mac.').waitFor()
    expect(peer.mesh.orders.at(-1)?.body).toEqual({
      code: '7K2M-9XQP-4TVN-C8RD-W3HJ-6YBF-GA5E',
      address: '192.168.1.11:52114',
    })
    peer.mesh.become({ state: 'failed', reason: 'unreachable', message: 'Use --at.' })
    await page.getByText('There is no way to the other Mac').waitFor()
    await page.getByRole('button', { name: 'Choose again' }).click()
    await page.getByText('Join a mesh nearby').waitFor()
  })

  test('makes a mesh by inviting another Mac, which can be called off', async () => {
    const { page } = await open()
    await page.getByRole('button', { name: 'Invite another Mac' }).click()
    await page.getByText('Waiting for the other Mac').waitFor()
    await page.getByRole('button', { name: 'Cancel' }).click()
    await page.getByText('This Mac is in the mesh “Desk”').waitFor()
  })

  test('can be gone through by keyboard alone, and passed over', async () => {
    const { page } = await open()
    for (const heading of ['Choose a model to start with', 'This Mac', 'Your endpoint is ready']) {
      await page.getByRole('button', { name: 'Continue' }).press('Enter')
      await page.getByRole('heading', { level: 1, name: heading }).waitFor()
      expect(await page.evaluate('document.activeElement.tagName')).toBe('H1')
    }
    await page.goBack()
    await page.getByRole('heading', { level: 1, name: 'This Mac' }).waitFor()
    await page.getByRole('button', { name: 'Skip' }).press('Enter')
    await page.getByRole('heading', { level: 1, name: 'Cluster' }).waitFor()
  })
})
