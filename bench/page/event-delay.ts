import { setTimeout as pause } from 'node:timers/promises'
import type { Browser } from 'playwright-core'
import type { CannedPeer } from '../../test/views/canned-peer.ts'
import { overviewOf } from '../../test/views/canned-worker.ts'

const firstSerial = 1_000_000
const withinMs = 10_000
/** Not in step with frames. */
const apartMs = 67

/** Milliseconds from when each of some events happened until it was on the screen: a figure of the whole mesh that changes. */
export async function timeEvents(browser: Browser, peer: CannedPeer, count: number): Promise<number[]> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
  try {
    const page = await context.newPage()
    await page.goto(peer.url)
    await page
      .getByRole('img', { name: /^Speed/ })
      .locator('svg')
      .waitFor()
    await page.evaluate(watchFigure)
    const sentAtMs: number[] = []
    for (let i = 0; i < count; i++) {
      await pause(apartMs)
      sentAtMs.push(Date.now())
      tell(peer, firstSerial + i)
    }
    const last = firstSerial + count - 1
    const shown: unknown = await page.evaluate(waitFor(last))
    const shownAtMs = new Map(readPairs(shown))
    // Two that came within one frame: the first was never seen, and the second stands for both.
    return sentAtMs.flatMap((sent, i) => {
      const seen = shownAtMs.get(firstSerial + i)
      return seen === undefined ? [] : [seen - sent]
    })
  } finally {
    await context.close()
  }
}

function tell(peer: CannedPeer, total24h: number): void {
  const overview = overviewOf(peer.world.workers, peer.world.live, 0)
  peer.world.emit({
    type: 'metrics_update',
    timestamp: Date.now(),
    overview: { ...overview, requests: { ...overview.requests, total24h } },
  })
}

function readPairs(pairs: unknown): [number, number][] {
  if (!Array.isArray(pairs)) throw new Error('the page did not say what it has shown')
  return pairs.map(([serial, atMs]) => [Number(serial), Number(atMs)])
}

/** Runs in the page. */
const waitFor = (serial: number) => `new Promise((done, fail) => {
  setTimeout(() => fail(new Error('the last event was not seen within ${withinMs} ms')), ${withinMs})
  const look = () => window.shownAtMs.has(${serial}) ? done([...window.shownAtMs]) : requestAnimationFrame(look)
  look()
})`

/** Runs in the page: when which count of requests was on the screen. */
const watchFigure = `(() => {
  window.shownAtMs = new Map()
  const figures = document.querySelector('main dl')
  const read = () => Number([...figures.querySelectorAll('div')]
    .find(each => each.querySelector('dt').textContent === 'Requests in 24 h')
    .querySelector('dd').textContent.replaceAll(',', ''))
  new MutationObserver(() => {
    const serial = read()
    if (window.shownAtMs.has(serial)) return
    requestAnimationFrame(() => {
      const channel = new MessageChannel()
      channel.port1.onmessage = () => {
        if (!window.shownAtMs.has(serial)) window.shownAtMs.set(serial, Date.now())
      }
      channel.port2.postMessage(null)
    })
  }).observe(figures, { subtree: true, childList: true, characterData: true })
})()`
