import { afterEach, describe, expect, test } from 'vitest'
import { findBarriersInBothLights } from '../support/axe.ts'
import { keepScreenshot, noChromium, useChromium } from '../support/chromium.ts'
import { cannedMeshes } from '../views/canned-meshes.ts'
import { type CannedPeer, openCannedPeer } from '../views/canned-peer.ts'

let peer: CannedPeer
afterEach(() => peer.close())

describe.skipIf(noChromium)('health (needs Chromium)', () => {
  const chromium = useChromium()

  async function open(prepare: (peer: CannedPeer) => void = () => {}) {
    peer = await openCannedPeer({ workers: cannedMeshes.three })
    prepare(peer)
    return await chromium.open(`${peer.url}/#/health`)
  }

  test('shows each finding as it comes, and the verdict at the end', async () => {
    const { page, complaints } = await open(({ doctor }) => doctor.hold('port'))
    await page.getByText('Looking at everything').waitFor()
    await page.getByText('/Users/ada/Library/Application Support/MLX Mesh').waitFor()
    expect(await page.getByText('2 other Macs hear this one').count()).toBe(0)
    peer.doctor.hold(null)
    await page.getByText('Everything is in order').waitFor()
    await page.getByText('2 other Macs hear this one').waitFor()
    expect(await findBarriersInBothLights(page)).toEqual([])
    await keepScreenshot(page, 'health')
    expect(complaints).toEqual([])
  })

  test('says what is broken and what to do, and mends it', async () => {
    const { page } = await open(({ doctor }) => {
      doctor.find('folder', {
        status: 'fail',
        message: 'The folder cannot be written to.',
        advice: 'Its rights must be repaired.',
        mend: 'Repair the rights',
      })
      doctor.find('network', {
        status: 'warn',
        message: 'Nobody hears this Mac.',
        advice: 'Look at the cable.',
      })
    })
    await page.getByText('One thing is broken').waitFor()
    await page.getByText('Its rights must be repaired.').waitFor()
    expect(await findBarriersInBothLights(page)).toEqual([])
    await keepScreenshot(page, 'health-broken')
    await page.getByRole('button', { name: 'Repair the rights' }).click()
    await page.getByText('One thing is worth a look').waitFor()
    expect(peer.doctor.mended).toEqual(['folder'])
    peer.doctor.find('network', { status: 'ok', message: 'All is well.', advice: null })
    await page.getByRole('button', { name: 'Check again' }).click()
    await page.getByText('Everything is in order').waitFor()
  })

  test('hands out a file for a bug report, and says why where it does not', async () => {
    const { page, complaints } = await open()
    const answer = {
      status: 403,
      json: { error: { message: 'Diagnostics are only given on the Mac itself.' } },
    }
    await page.route('**/api/diagnostics', route => route.fulfill(answer))
    await page.getByRole('button', { name: 'Download diagnostics' }).click()
    await page.getByRole('alert').getByText('only given on the Mac itself').waitFor()

    await page.unroute('**/api/diagnostics')
    await page.route('**/api/diagnostics', route =>
      route.fulfill({ status: 200, contentType: 'application/zip', body: 'a bundle' }),
    )
    const download = page.waitForEvent('download')
    await page.getByRole('button', { name: 'Download diagnostics' }).click()
    expect((await download).suggestedFilename()).toBe('mlx-mesh-diagnostics.zip')
    await page.getByText('Saved: mlx-mesh-diagnostics.zip').waitFor()
    expect(complaints).toEqual([expect.stringContaining('403')])
  })

  test('goes on when one thing cannot be looked at', async () => {
    const { page } = await open()
    await page.getByText('Everything is in order').waitFor()
    await page.route('**/api/doctor/nats', route => route.abort())
    await page.getByRole('button', { name: 'Check again' }).click()
    await page.getByText('This could not be looked at: MLX Mesh does not answer on this Mac.').waitFor()
    await page.getByText('One thing is broken').waitFor()
  })

  test('copies the findings for a bug report', async () => {
    peer = await openCannedPeer({ workers: cannedMeshes.one })
    const { page } = await chromium.open(`${peer.url}/#/health`, {
      permissions: ['clipboard-read', 'clipboard-write'],
    })
    await page.getByText('Everything is in order').waitFor()
    await page.getByRole('button', { name: 'Copy as text' }).click()
    await page.getByText('Copied').first().waitFor()
    const copied = await page.evaluate('navigator.clipboard.readText()')
    expect(copied).toContain('MLX Mesh 0.1.0\nok    Node.js: 24.21.0\n')
  })
})
