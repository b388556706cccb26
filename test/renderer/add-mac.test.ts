import { afterEach, describe, expect, test } from 'vitest'
import { findBarriersInBothLights } from '../support/axe.ts'
import { keepScreenshot, noChromium, useChromium } from '../support/chromium.ts'
import { cannedNearby } from '../views/canned-mesh.ts'
import { cannedMeshes } from '../views/canned-meshes.ts'
import { type CannedPeer, openCannedPeer } from '../views/canned-peer.ts'

let peer: CannedPeer
afterEach(() => peer.close())

describe.skipIf(noChromium)('the dialog that adds a Mac (needs Chromium)', () => {
  const chromium = useChromium()

  async function open() {
    const nearby = [cannedNearby('mac-7', 'Kitchen laptop')]
    peer = await openCannedPeer({ workers: cannedMeshes.one, mesh: { nearby } })
    const looked = await chromium.open(`${peer.url}/#/macs?add`)
    await looked.page.getByText('Waiting for the other Mac').waitFor()
    return looked
  }
  const orders = () => peer.mesh.orders.map(({ order }) => order)

  test('says what to do on the other Mac, and shows the code where that does not help', async () => {
    const { page, complaints } = await open()
    const dialog = page.getByRole('dialog', { name: 'Add a Mac' })
    await dialog.getByText('Nearby and in no mesh: Kitchen laptop').waitFor()
    expect(await dialog.getByRole('timer').innerText()).toMatch(/^(10:00|9:5\d) left$/)
    await dialog.getByText('The other Mac does not find this one').click()
    await dialog.getByText('7K2M-9XQP-4TVN-C8RD-W3HJ-6YBF-GA5E', { exact: true }).waitFor()
    await dialog.getByText('192.168.1.11:52114').waitFor()
    expect(await findBarriersInBothLights(page)).toEqual([])
    await keepScreenshot(page, 'add-mac')
    expect(complaints).toEqual([])
  })

  test('asks whether both show the same six digits, and names the newcomer', async () => {
    const { page } = await open()
    peer.mesh.compare('Kitchen laptop')
    await page.getByText('Does Kitchen laptop show the same six digits?').waitFor()
    await page.getByText('402 917').waitFor()
    expect(await findBarriersInBothLights(page)).toEqual([])
    await keepScreenshot(page, 'add-mac-digits')
    await page.getByRole('button', { name: 'Yes, the same' }).click()
    await page.getByText('Now confirm on Kitchen laptop.').waitFor()
    peer.mesh.become({ state: 'done', role: 'inviter', meshName: 'Home', withName: 'Kitchen laptop' })
    await page.getByText('Kitchen laptop is in the mesh now').waitFor()
    await page.getByRole('button', { name: 'Close' }).click()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    expect(peer.mesh.orders.slice(0, 2)).toEqual([
      { order: 'invite', body: {} },
      { order: 'pairing/confirm', body: { match: true } },
    ])
  })

  test('lets nobody in when the digits differ, and begins anew', async () => {
    const { page } = await open()
    peer.mesh.compare('Kitchen laptop')
    await page.getByRole('button', { name: 'No, they differ' }).click()
    await page.getByText('You said that the codes differ. Nobody was let in.').waitFor()
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByText('Waiting for the other Mac').waitFor()
    expect(orders()).toEqual(['invite', 'pairing/confirm', 'invite'])
  })

  test('calls the invitation off when it is closed', async () => {
    const { page } = await open()
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    await expect.poll(orders).toEqual(['invite', 'pairing/cancel'])
    expect(peer.mesh.answer().pairing).toEqual({ state: 'idle' })
  })

  test('says why a try failed while the invitation is still open, and when it has ended', async () => {
    const { page } = await open()
    const { pairing } = peer.mesh.answer()
    if (pairing.state !== 'invited') throw new Error('no invitation is open')
    peer.mesh.become({ ...pairing, lastFailure: 'The connection to the other Mac broke off.' })
    await page.getByText('broke off. The invitation is still open.').waitFor()
    const message = 'Nobody came within ten minutes: the invitation has ended.'
    peer.mesh.become({ state: 'failed', reason: 'expired', message })
    await page.getByText(message).waitFor()
  })

  test('shows a refusal in the words of the Mac', async () => {
    peer = await openCannedPeer({ workers: cannedMeshes.one })
    const { page } = await chromium.open(peer.url)
    const message = 'The mesh is only changed and shown on the Mac itself.'
    await page.route('**/api/mesh**', route =>
      route.fulfill({ status: 403, json: { error: { message, code: 'only_on_this_mac' } } }),
    )
    await page.goto(`${peer.url}/#/macs?add`)
    await page.getByRole('dialog').getByText(message).waitFor()
    expect(orders()).toEqual([])
  })
})
