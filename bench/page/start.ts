import type { Browser } from 'playwright-core'

const withinMs = 30_000

/** From the navigation until the figures are there and a click on any Mac of the picture would reach it. */
export async function timeStart(browser: Browser, url: string): Promise<number> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } })
  try {
    const page = await context.newPage()
    await page.addInitScript(watchStart)
    await page.goto(url, { waitUntil: 'commit' })
    return Number(await page.evaluate('window.interactiveAtMs'))
  } finally {
    await context.close()
  }
}

/** Runs in the page, before everything else. Looks once a frame. */
const watchStart = `window.interactiveAtMs = new Promise((done, fail) => {
  setTimeout(() => fail(new Error('the page cannot be used after ${withinMs} ms')), ${withinMs})
  const look = () => {
    const macs = [...document.querySelectorAll('nav[aria-label="The Macs of this mesh"] a')]
    const figures = document.querySelectorAll('main dl dd')
    if (macs.length > 0 && figures.length > 0 && macs.every(isReachable)) {
      // When this frame is on the screen.
      const channel = new MessageChannel()
      channel.port1.onmessage = () => done(performance.now())
      channel.port2.postMessage(null)
    } else requestAnimationFrame(look)
  }
  const isReachable = link => {
    const { left, top, width, height } = link.getBoundingClientRect()
    const y = top + height / 2
    return y > innerHeight || link.contains(document.elementFromPoint(left + width / 2, y))
  }
  requestAnimationFrame(look)
})`
