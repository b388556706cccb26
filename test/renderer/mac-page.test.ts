import type { Request } from 'playwright-core'
import { afterEach, describe, expect, test } from 'vitest'
import type { DashboardWorker } from '../../main/protocol/dashboard.ts'
import { findBarriersInBothLights } from '../support/axe.ts'
import { keepScreenshot, noChromium, useChromium } from '../support/chromium.ts'
import { nextPost } from '../support/page-orders.ts'
import { cannedMeshes } from '../views/canned-meshes.ts'
import { type CannedPeer, openCannedPeer } from '../views/canned-peer.ts'

let peer: CannedPeer
afterEach(() => peer.close())

describe.skipIf(noChromium)('the page of a Mac (needs Chromium)', () => {
  const chromium = useChromium()

  async function open(workers: readonly DashboardWorker[], place: string, options = {}) {
    peer = await openCannedPeer({ workers })
    const looked = await chromium.open(`${peer.url}/#/${place}`, options)
    await looked.page.getByRole('heading', { level: 1 }).waitFor()
    return looked
  }

  test('has a page for each Mac: its curves, its log, its hardware', async () => {
    const { page, complaints } = await open(cannedMeshes.three, 'macs')
    await page.getByRole('link', { name: 'Studio' }).click()
    await page.getByRole('heading', { level: 1, name: 'Studio' }).waitFor()
    await page.getByRole('img', { name: /^GPU in %, over the last hour: now/ }).waitFor()
    await page.getByText('Apple M3 Ultra').waitFor()
    const log = page.getByRole('region', { name: 'Lines of the log' })
    await log.getByText('the peer has started').waitFor()
    await page.getByLabel('Lines to show').selectOption('warn')
    await log.getByText('the peer has started').waitFor({ state: 'detached' })
    await log.getByText('a request was refused').waitFor()
    await page.getByLabel('Lines to show').selectOption('error')
    await page.getByText('No such lines among the last ones.').waitFor()
    const asked = page.waitForRequest(/workers\/mac-2\/history\?duration=6h/)
    await page.getByRole('radio', { name: '6 h', exact: true }).click()
    await asked
    expect(complaints).toEqual([])
    expect(await findBarriersInBothLights(page)).toEqual([])
    await keepScreenshot(page, 'mac')
  })

  test('loads and unloads models of a Mac', async () => {
    const { page } = await open(cannedMeshes.three, 'macs/mac-2')
    const models = page.getByRole('region', { name: 'Models' })
    const unload = nextPost(page)
    await models.getByRole('button', { name: 'Unload: Qwen3 30B A3B, 4-bit' }).click()
    expect(await unload).toEqual([
      '/api/cluster/workers/mac-2/unload-model',
      { modelId: 'mlx-community/Qwen3-30B-A3B-4bit' },
    ])
    const load = nextPost(page)
    await models.getByRole('button', { name: 'Load: Qwen3 30B A3B, 4-bit' }).click()
    await models.getByRole('progressbar', { name: 'Loading Qwen3 30B A3B, 4-bit' }).waitFor()
    expect((await load)[0]).toBe('/api/cluster/workers/mac-2/load-model')
    await models.getByRole('button', { name: 'Unload: Qwen3 30B A3B, 4-bit' }).waitFor()
  })

  test('has room for long names and hundreds of models', async () => {
    const { page } = await open(cannedMeshes.three, 'macs/mac-2', { viewport: { width: 360, height: 740 } })
    const [model] = peer.world.workers[0]?.models ?? []
    if (!model) throw new Error('there is no canned model to copy')
    const long = (i: number) => `made-up/A-model-${i}-with-a-name-that-goes-on-and-on-4bit`
    const models = Array.from({ length: 200 }, (_, i) => ({ ...model, modelId: long(i) }))
    peer.world.change('mac-2', {
      models: models.map((each, i) => (i === 150 ? { ...each, state: 'ready' } : each)),
    })
    const rows = page.getByRole('region', { name: 'Models' }).getByRole('listitem')
    const all = page.getByRole('button', { name: 'Show all 200' })
    await all.waitFor()
    await rows.first().getByText('Ready').waitFor()
    expect(await rows.count()).toBe(12)
    expect(await page.locator('main').evaluate(main => main.scrollWidth - main.clientWidth)).toBe(0)
    await all.click()
    expect(await rows.count()).toBe(200)
  })

  test('says why a model failed', async () => {
    const { page } = await open(cannedMeshes.failing, 'macs/mac-3')
    await page.getByText('Its process ended three times in a row: out of memory.').waitFor()
    await page.getByRole('button', { name: /^Try again/ }).waitFor()
  })

  test('renames this Mac', async () => {
    const { page } = await open(cannedMeshes.three, 'macs/mac-1')
    await page.getByRole('button', { name: 'Rename…' }).click()
    const rename = nextPost(page)
    await page.getByLabel('Name in the mesh').fill('  Big desk ')
    await page.keyboard.press('Enter')
    expect(await rename).toEqual(['/api/mesh/rename', { name: 'Big desk' }])
    await page.getByRole('dialog').waitFor({ state: 'detached' })
  })

  test('asks before it removes a Mac, and does nothing if the answer is no', async () => {
    const { page } = await open(cannedMeshes.three, 'macs/mac-2')
    const posted: Request[] = []
    page.on('request', request => request.method() === 'POST' && posted.push(request))
    await page.getByRole('button', { name: 'Remove from the mesh…' }).click()
    const dialog = page.getByRole('dialog', { name: 'Remove Studio?' })
    await dialog.getByText(/It is cut off at once/).waitFor()
    await dialog.getByRole('button', { name: 'Cancel' }).click()
    await dialog.waitFor({ state: 'detached' })
    expect(posted).toEqual([])
    await page.getByRole('button', { name: 'Remove from the mesh…' }).click()
    const remove = nextPost(page)
    await dialog.getByRole('button', { name: 'Remove' }).click()
    expect((await remove)[0]).toBe('/api/mesh/members/mac-2/remove')
    await page.getByRole('article', { name: 'Desk' }).waitFor()
    expect(await page.getByRole('article', { name: 'Studio' }).count()).toBe(0)
  })

  test('asks before this Mac leaves the mesh, and says what that means', async () => {
    const { page } = await open(cannedMeshes.three, 'macs/mac-1')
    await page.getByRole('button', { name: 'Leave the mesh…' }).click()
    const dialog = page.getByRole('dialog', { name: 'Leave Home?' })
    await dialog.getByText(/This Mac then works alone/).waitFor()
    const leave = nextPost(page)
    await dialog.getByRole('button', { name: 'Leave' }).click()
    expect((await leave)[0]).toBe('/api/mesh/leave')
    await dialog.waitFor({ state: 'detached' })
  })

  test('says so when a Mac is not in the mesh any more', async () => {
    const { page } = await open(cannedMeshes.three, 'macs/mac-2')
    peer.world.remove('mac-2')
    await page.getByText('This Mac is not in the mesh').waitFor()
  })

  test('fits a telephone', async () => {
    const { page } = await open(cannedMeshes.three, 'macs/mac-1', { viewport: { width: 360, height: 740 } })
    await page.getByText('Share GPU').first().waitFor()
    expect(await page.locator('main').evaluate(main => main.scrollWidth - main.clientWidth)).toBe(0)
  })
})
