import type { Page } from 'playwright-core'
import { afterEach, describe, expect, test } from 'vitest'
import { findBarriersInBothLights } from '../support/axe.ts'
import { keepScreenshot, noChromium, useChromium } from '../support/chromium.ts'
import { cannedMeshes } from '../views/canned-meshes.ts'
import { type CannedPeer, openCannedPeer } from '../views/canned-peer.ts'

const llama = 'mlx-community/Llama-3.2-3B-Instruct-4bit'

let peer: CannedPeer
afterEach(() => peer.close())

describe.skipIf(noChromium)('the screen of requests (needs Chromium)', () => {
  const chromium = useChromium()

  test('shows what runs now, and lists it among the past when it has ended', async () => {
    const { page, complaints } = await open({ requests: 30 })
    await rows(page).first().waitFor()
    const { requestId } = peer.world.start({ modelId: llama, workerId: 'mac-2', phase: 'prefill' })
    const running = page.getByRole('region', { name: 'Running requests' }).getByRole('listitem')
    await running.getByText('Reading the prompt', { exact: true }).waitFor()
    peer.world.progress(requestId, { phase: 'generating', tokensGenerated: 42, handovers: 1 })
    await running.getByText('42 tokens').first().waitFor()
    await running.getByText('Studio, taken over once', { exact: true }).waitFor()
    expect(await findBarriersInBothLights(page)).toEqual([])
    await keepScreenshot(page, 'requests')
    peer.world.complete(requestId)
    await running.waitFor({ state: 'detached' })
    await expect.poll(() => rows(page).first().getByRole('link').getAttribute('href')).toContain(requestId)
    expect(complaints).toEqual([])
  })

  test('stays light with ten thousand, and reads on while one scrolls', async () => {
    const { page } = await open({ requests: 10_000 })
    await rows(page).first().waitFor()
    const cursor = page.waitForRequest(/before=.*&after=req_past_/)
    for (const known of ['200', '300', '400', '500', '600', '700', '800', '900', '1,000', '1,100', '1,200']) {
      await page.locator('main').evaluate(main => main.scrollTo(0, main.scrollHeight))
      await page.getByText(`${known} and more`, { exact: true }).waitFor()
    }
    await cursor
    expect(await rows(page).count()).toBeLessThan(80)
  })

  test('does not push away what one reads, but says how many are new', async () => {
    const { page } = await open({ requests: 300 })
    await rows(page).first().waitFor()
    await page.locator('main').evaluate(main => main.scrollTo(0, 1500))
    const before = await firstSeen(page)
    for (let i = 0; i < 12; i++) peer.world.complete(peer.world.start({ workerId: 'mac-1' }).requestId)
    const news = page.getByRole('button', { name: '12 new' })
    await news.waitFor()
    expect(await firstSeen(page)).toBe(before)
    await news.click()
    await expect.poll(() => rows(page).first().getByRole('link').getAttribute('href')).toContain('req_12')
    await news.waitFor({ state: 'detached' })
  })

  test('lists also what ended while the Mac could not be heard', async () => {
    const { page } = await open({ requests: 30 })
    await rows(page).first().waitFor()
    peer.vanish(true)
    await page.getByText('does not answer on this Mac').waitFor()
    const { requestId } = peer.world.start({ workerId: 'mac-1' })
    peer.world.complete(requestId)
    peer.vanish(false)
    await expect.poll(() => rows(page).first().getByRole('link').getAttribute('href')).toContain(requestId)
  })

  test('filters by outcome, model, Mac and words, and the address says so', async () => {
    const { page } = await open({ requests: 500 })
    await page.getByLabel('Outcome').selectOption('Failed')
    await expect.poll(() => page.url()).toContain('#/requests?status=failed')
    await page.getByLabel('Mac').selectOption('Studio')
    await expect.poll(() => outcomes(page)).toEqual(['Failed'])
    await page.getByRole('searchbox').fill('no such thing')
    await page.getByText('No request is like that.').waitFor()
    await page.getByRole('button', { name: 'Show all' }).first().click()
    await expect.poll(async () => (await outcomes(page)).length).toBeGreaterThan(1)

    await page.goto(`${peer.url}/#/requests?status=cancelled&model=${encodeURIComponent(llama)}`)
    await expect.poll(() => outcomes(page)).toEqual(['Cancelled'])
    expect(await page.getByLabel('Model').inputValue()).toBe(llama)
  })

  test('tells of one request why this Mac, what happened when, and comes back to where one was', async () => {
    const { page, complaints } = await open({ requests: 400 })
    await page.getByLabel('Mac').selectOption('Desk')
    await rows(page).first().waitFor()
    await page.locator('main').evaluate(main => main.scrollTo(0, 900))
    await page.locator('a[href*="req_past_364"]').click()
    await page.getByRole('heading', { level: 1, name: 'Request', exact: true }).waitFor()
    const why = page.getByRole('region', { name: 'Why this Mac?' })
    await why.getByText('Desk handed over to Studio').waitFor()
    await why.getByText('Set aside: its sharing is paused').first().waitFor()
    await why.getByText('All points').first().click()
    await why.getByRole('row', { name: /Model loaded 30/ }).waitFor()
    await page.getByRole('region', { name: 'What happened' }).getByText('The first token came').waitFor()
    await page.getByText('of the prompt needed no reading').waitFor()
    expect(await findBarriersInBothLights(page)).toEqual([])
    await keepScreenshot(page, 'request')
    await page.getByRole('link', { name: 'All requests' }).click()
    await page.getByRole('heading', { level: 1, name: 'Requests' }).waitFor()
    expect(await page.locator('main').evaluate(main => main.scrollTop)).toBe(900)
    expect(complaints).toEqual([])
  })

  test('says in words what went wrong, and what to do', async () => {
    const { page } = await open({ requests: 100 }, '?status=failed')
    await rows(page).first().getByRole('link').click()
    await page.getByText('No Mac could take it.').waitFor()
    await page.getByText('Look under Macs whether one with the model is online and shares.').waitFor()
    await page.goto(`${peer.url}/#/requests/nobody-knows`)
    await page.getByRole('alert').getByText("Nothing is kept of a request 'nobody-knows'").waitFor()
  })

  test('name every Mac that had a part in one, and find it by each of them', async () => {
    const { page } = await open({}, '?worker=mac-1')
    const { requestId } = peer.world.start({ modelId: llama, workerId: 'mac-2', phase: 'generating' })
    peer.world.complete(requestId, { workerId: 'mac-1, mac-2' })
    await rows(page).first().getByRole('cell', { name: 'Desk, Studio' }).waitFor()
    await page.reload()
    await rows(page).first().getByRole('link').click()
    await page.getByText('on Desk, Studio').waitFor()
  })

  test('follows a request that still runs, and tells the rest when it has ended', async () => {
    const { page } = await open({})
    await page.getByText('No request has come to this Mac yet.').waitFor()
    const { requestId } = peer.world.start({ modelId: llama, workerId: 'mac-2', phase: 'generating' })
    await page.getByText('None has ended yet.').waitFor()
    await page.goto(`${peer.url}/#/requests/${requestId}`)
    await page.getByText('on Studio').waitFor()
    peer.world.complete(requestId)
    await page.getByRole('region', { name: 'Why this Mac?' }).waitFor()
  })

  test('says what will be here where nothing has been asked yet, and when the Mac does not answer', async () => {
    const { page } = await open({})
    await page.getByText('No request has come to this Mac yet.').waitFor()
    await page.route('**/api/dashboard/requests?*', route => route.abort())
    await page.getByLabel('Outcome').selectOption('Failed')
    await page.getByRole('alert').getByText('does not answer').waitFor()
    await page.unroute('**/api/dashboard/requests?*')
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByText('No request is like that.').waitFor()
  })

  async function open({ requests = 0 }: { requests?: number }, query = '') {
    peer = await openCannedPeer({ workers: cannedMeshes.three, requests })
    return await chromium.open(`${peer.url}/#/requests${query}`)
  }
})

function rows(page: Page) {
  return page.getByRole('table', { name: 'Past requests' }).locator('[data-row]')
}

/** Which row stands topmost under the eyes, and where. */
function firstSeen(page: Page): Promise<unknown> {
  return page.evaluate(`(() => {
    const top = [...document.querySelectorAll('[data-row]')].find(row => row.getBoundingClientRect().top > 100)
    return top.innerText + top.getBoundingClientRect().top
  })()`)
}

async function outcomes(page: Page): Promise<string[]> {
  const texts = await rows(page)
    .locator('[role=cell]:nth-child(4)')
    .evaluateAll(cells => cells.map(cell => cell.textContent ?? ''))
  return [...new Set(texts)]
}
