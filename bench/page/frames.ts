import type { Browser } from 'playwright-core'
import { z } from 'zod'
import type { CannedPeer } from '../../test/views/canned-peer.ts'
import { percentile } from '../load/samples.ts'
import { sendUpdates } from './send-updates.ts'

export interface Frames {
  readonly perSecond: number
  /** Between two frames. */
  readonly p95Ms: number
  /** Tasks of more than 50 ms, and how long they were together. */
  readonly longTasks: number
  readonly longTaskMs: number
}

export interface WatchOptions {
  readonly updatesPerSecond: number
  readonly forMs: number
}

const settleMs = 1000
const watched = z.object({ gapsMs: z.array(z.number()), longTasksMs: z.array(z.number()) })

/** How smoothly the page draws while so much is told to it; the charts and all else are there before. */
export async function watchFrames(
  browser: Browser,
  peer: CannedPeer,
  { updatesPerSecond, forMs }: WatchOptions,
): Promise<Frames> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
  const stop = sendUpdates(peer.world, updatesPerSecond)
  try {
    const page = await context.newPage()
    await page.goto(peer.url)
    await page
      .getByRole('img', { name: /^Speed/ })
      .locator('svg')
      .waitFor()
    await page.waitForTimeout(settleMs)
    const { gapsMs, longTasksMs } = watched.parse(await page.evaluate(watchPage(forMs)))
    const totalMs = gapsMs.reduce((sum, each) => sum + each, 0)
    return {
      perSecond: (1000 * gapsMs.length) / totalMs,
      p95Ms: percentile(Float64Array.from(gapsMs).sort(), 95),
      longTasks: longTasksMs.length,
      longTaskMs: longTasksMs.reduce((sum, each) => sum + each, 0),
    }
  } finally {
    stop()
    await context.close()
  }
}

/** Runs in the page. */
const watchPage = (forMs: number) => `new Promise(done => {
  const gapsMs = []
  const longTasksMs = []
  new PerformanceObserver(list => {
    for (const { duration } of list.getEntries()) longTasksMs.push(duration)
  }).observe({ type: 'longtask' })
  let beganMs = null
  let lastMs = null
  const look = nowMs => {
    if (lastMs !== null) gapsMs.push(nowMs - lastMs)
    beganMs ??= nowMs
    lastMs = nowMs
    if (nowMs - beganMs < ${forMs}) requestAnimationFrame(look)
    else done({ gapsMs, longTasksMs })
  }
  requestAnimationFrame(look)
})`
