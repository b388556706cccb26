import { afterEach, describe, expect, test } from 'vitest'
import type { DashboardWorker } from '../../main/protocol/dashboard.ts'
import { findBarriersInBothLights } from '../support/axe.ts'
import { keepScreenshot, noChromium, useChromium } from '../support/chromium.ts'
import { cannedMeshes } from '../views/canned-meshes.ts'
import { type CannedPeer, openCannedPeer } from '../views/canned-peer.ts'
import { cannedWorker, overviewOf } from '../views/canned-worker.ts'

const thirty = Array.from({ length: 30 }, (_, i) =>
  cannedWorker({ id: `mac-${i + 1}`, name: `Mac ${i + 1} in the long corridor`, chip: 'mini', models: [] }),
)

let peer: CannedPeer
afterEach(() => peer.close())

describe.skipIf(noChromium)('the view of the cluster (needs Chromium)', () => {
  const chromium = useChromium()

  async function open(workers: readonly DashboardWorker[], options = {}) {
    peer = await openCannedPeer({ workers, requests: workers.length === 0 ? 0 : 50 })
    const looked = await chromium.open(peer.url, options)
    await looked.page.getByRole('heading', { level: 1, name: 'Cluster' }).waitFor()
    return looked
  }

  test('draws every Mac, and says in words what is drawn', async () => {
    const { page, complaints } = await open(cannedMeshes.three)
    const macs = page.getByRole('navigation', { name: 'The Macs of this mesh' })
    expect(await macs.getByRole('link').allTextContents()).toEqual([
      'Desk: this Mac, leader, M4 Max, 64 GB, online, serves Llama 3.2 3B Instruct, 0 requests, GPU 0 %',
      'Kitchen laptop: M2, 16 GB, paused, serves SmolLM2 135M Instruct, 0 requests, GPU 0 %, 0.8 ms there and back',
      'Studio: M3 Ultra, 192 GB, online, serves Llama 3.2 3B Instruct, Qwen3 30B A3B, 0 requests, GPU 0 %, 0.8 ms there and back',
    ])
    await macs.getByRole('link', { name: /^Studio/ }).click()
    await page.getByRole('heading', { level: 1, name: 'Studio' }).waitFor()
    expect(complaints).toEqual([])
  })

  test('shows an answer as a moving line to the Mac that gives it, until it is over', async () => {
    const { page } = await open(cannedMeshes.three)
    const running = page.getByRole('region', { name: 'Running now' })
    await running.getByText('Nothing is running.').waitFor()
    const { requestId } = peer.world.start({ workerId: 'mac-2', modelId: 'm/Some-Model-4bit' })
    await running.getByText('On Studio').waitFor()
    expect(await page.locator('.stream').count()).toBe(1)
    peer.world.progress(requestId, { phase: 'generating', tokensGenerated: 17 })
    await running.getByText('17 tokens').waitFor()
    peer.world.progress(requestId, { workerId: 'mac-1', handovers: 1 })
    await running.getByText('On Desk, handed over once').waitFor()
    expect(await page.locator('.own-stream').count()).toBe(1)
    expect(await page.locator('.stream').count()).toBe(0)
    peer.world.complete(requestId)
    await running.getByText('Nothing is running.').waitFor()
    expect(await page.locator('.own-stream').count()).toBe(0)
  })

  test('stands still for those who want no motion', async () => {
    const { page } = await open(cannedMeshes.three, { reducedMotion: 'reduce' })
    peer.world.start({ workerId: 'mac-2' })
    await page.locator('.stream').waitFor({ state: 'attached' })
    const rounds = await page.evaluate(
      "getComputedStyle(document.querySelector('.stream')).animationIterationCount",
    )
    expect(rounds).toBe('1')
  })

  test('turns a Mac grey that was killed, and takes it back', async () => {
    const { page } = await open(cannedMeshes.three)
    peer.world.change('mac-2', { status: 'offline' })
    await page.getByRole('link', { name: /^Studio: .*offline/ }).waitFor()
    peer.world.change('mac-2', { status: 'online' })
    await page.getByRole('link', { name: /^Studio: .*online/ }).waitFor()
  })

  test('follows the leader', async () => {
    const { page } = await open(cannedMeshes.three)
    peer.world.emit({ type: 'leader_changed', timestamp: Date.now(), leaderId: 'mac-2' })
    await page.getByRole('link', { name: /^Studio: leader/ }).waitFor()
  })

  test('goes on without its curves where they cannot be fetched', async () => {
    const { page } = await open(cannedMeshes.three)
    await page.route('**/assets/time-curve-*.js', route => route.abort())
    await page.reload()
    await page.getByText('The curve could not be fetched').first().waitFor()
    await page.getByRole('region', { name: 'Running now' }).waitFor()
  })

  test('shows how the mesh does in figures, and says when nothing is known yet', async () => {
    const { page } = await open(cannedMeshes.failing)
    const figures = page.locator('dl')
    const text = async () => (await figures.innerText()).replaceAll('\n', ' ')
    expect(await text()).toContain('Macs online 2of 3 1 offline')
    expect(await text()).toContain('Latency, p50 610 ms p95 2.4 s · p99 6.1 s')
    const overview = overviewOf(peer.world.workers, [], 0)
    peer.world.emit({
      type: 'metrics_update',
      timestamp: Date.now(),
      overview: {
        ...overview,
        requests: { active: 0, total24h: 0, errorRate24h: null },
        latency: { current: null, avg24h: null, p50: null, p95: null, p99: null },
      },
    })
    await figures.getByText('No answers yet').first().waitFor()
  })

  test('draws curves of the last hours, and the last hour moves on', async () => {
    const { page, complaints } = await open(cannedMeshes.three)
    const speed = page.getByRole('img', { name: /^Speed in tokens\/s, over the last hour/ })
    await speed.locator('svg').waitFor()
    expect(await page.getByRole('img', { name: /over the last hour/ }).count()).toBe(4)
    const overview = overviewOf(peer.world.workers, [], 4321)
    peer.world.emit({ type: 'metrics_update', timestamp: Date.now() + 5000, overview })
    await page.getByRole('img', { name: /^Speed in tokens\/s, over the last hour: now 4,321/ }).waitFor()
    const asked = page.waitForRequest(/metrics\/timeseries\?metric=latency&duration=24h/)
    await page.getByRole('radio', { name: '24 h' }).click()
    await asked
    await page.getByRole('img', { name: /^Latency in ms, over the last 24 hours/ }).waitFor()
    expect(complaints).toEqual([])
  })

  test('says where a curve should be that cannot be had', async () => {
    peer = await openCannedPeer({ workers: cannedMeshes.one })
    const { page } = await chromium.open('about:blank')
    await page.route('**/api/dashboard/metrics/timeseries**', route =>
      route.fulfill({ status: 503, json: { error: { message: 'The history cannot be read.', code: 'x' } } }),
    )
    await page.goto(peer.url)
    await page.getByText('The history cannot be read.').first().waitFor()
  })

  test('says what to do where nothing runs models', async () => {
    const { page } = await open(cannedMeshes.empty)
    await page.getByText('No Mac answers requests yet').waitFor()
    expect(await findBarriersInBothLights(page)).toEqual([])
    await page.getByRole('region', { name: 'Macs' }).getByRole('button', { name: 'Add a Mac…' }).click()
    await page.getByRole('dialog').waitFor()
  })

  test('invites to add a second Mac to the first', async () => {
    const { page } = await open(cannedMeshes.one)
    await keepScreenshot(page, 'cluster-one')
    await page.getByRole('link', { name: 'Add a Mac', exact: true }).click()
    await page.getByRole('dialog').waitFor()
  })

  test('has room for thirty Macs on a telephone', async () => {
    const { page } = await open(thirty, { viewport: { width: 360, height: 740 } })
    const macs = page.getByRole('navigation', { name: 'The Macs of this mesh' })
    await macs.getByRole('link').nth(29).waitFor()
    const tooWide = await page.locator('main').evaluate(main => main.scrollWidth - main.clientWidth)
    expect(tooWide).toBe(0)
    await keepScreenshot(page, 'cluster-thirty-narrow')
  })

  test('is in nobody’s way, in the light and in the dark', async () => {
    const { page } = await open(cannedMeshes.failing)
    peer.world.start({ workerId: 'mac-1', phase: 'generating', tokensGenerated: 4 })
    await page
      .getByRole('img', { name: /^Speed/ })
      .locator('svg')
      .waitFor()
    expect(await findBarriersInBothLights(page)).toEqual([])
    await keepScreenshot(page, 'cluster-failing')
  })
})
