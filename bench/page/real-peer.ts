// The same page at the door of a real peer, whose history is as long; its engine is scripted.
import type { Browser, Page } from 'playwright-core'
import { dataPaths } from '../../main/config/data-folder.ts'
import { realClock } from '../../main/protocol/clock.ts'
import { openHistory } from '../../main/telemetry/history.ts'
import { silentLog } from '../../main/telemetry/log.ts'
import { cannedHistory } from '../../test/views/canned-history.ts'
import { type Peer, startPeer } from '../programs/peer.ts'

const withinMs = 10_000
/** A history keeps no more in memory until it writes. */
const recordsAtOnce = 200

export async function startRealPeer(home: string, requests: number): Promise<Peer> {
  writeHistory(dataPaths(home).historyFile, requests)
  return startPeer({ home, place: 'anywhere', engine: 'scripted', models: {} })
}

/** Milliseconds from when a Mac was told to pause, or to share again, until the picture shows that it does. */
export async function timeOrders(browser: Browser, url: string, count: number): Promise<number[]> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
  try {
    const page = await context.newPage()
    await page.goto(url)
    const mac = page.getByRole('navigation', { name: 'The Macs of this mesh' }).getByRole('link').first()
    const place = await mac.getAttribute('href')
    const workerId = place?.split('/').at(-1)
    const delaysMs: number[] = []
    for (let i = 0; i < count; i++) {
      const [state, word] = i % 2 === 0 ? (['paused', 'paused'] as const) : (['on', 'online'] as const)
      const shown = whenSaid(page, word)
      const sentAtMs = Date.now()
      await tell(`${url}/api/cluster/workers/${workerId}/sharing`, { state })
      delaysMs.push((await shown) - sentAtMs)
    }
    return delaysMs
  } finally {
    await context.close()
  }
}

async function tell(url: string, body: unknown): Promise<void> {
  const answer = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(withinMs),
  })
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}: ${await answer.text()}`)
}

/** When it was on the screen, ms since the epoch. */
async function whenSaid(page: Page, word: string): Promise<number> {
  return Number(
    await page.evaluate(`new Promise((done, fail) => {
      setTimeout(() => fail(new Error('the picture does not say: ${word}')), ${withinMs})
      const look = () => {
        const mac = document.querySelector('nav[aria-label="The Macs of this mesh"] a')
        if (!mac.textContent.includes(', ${word}')) return requestAnimationFrame(look)
        const channel = new MessageChannel()
        channel.port1.onmessage = () => done(Date.now())
        channel.port2.postMessage(null)
      }
      requestAnimationFrame(look)
    })`),
  )
}

function writeHistory(file: string, requests: number): void {
  const history = openHistory({ file, ttlHours: 24, clock: realClock, log: silentLog })
  const records = cannedHistory(requests, [])
  for (let i = 0; i < records.length; i += recordsAtOnce) {
    for (const { timestamp, ...record } of records.slice(i, i + recordsAtOnce))
      history.record({ ...record, startedAtMs: timestamp, choices: null })
    // Whoever asks for one makes it write what waits.
    history.request('none')
  }
  history.close()
}
