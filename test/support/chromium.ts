// A real Chromium that looks at pages as people do; whatever it complains about is kept.
import { mkdirSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll } from 'vitest'
import { type FakeBridgeOptions, installFakeBridge } from '../views/fake-bridge.ts'
import { chromiumArguments, chromiumProgram } from './chromium-program.ts'

/** For `describe.skipIf`: tests that need a browser say so where there is none. */
export const noChromium = chromiumProgram === undefined

export interface Looker {
  /** A new window with nothing remembered. */
  open(url: string, options?: LookOptions): Promise<LookedAt>
}

interface LookOptions extends BrowserContextOptions {
  /** What the window has that a browser has not. */
  readonly bridge?: FakeBridgeOptions
}

interface LookedAt {
  readonly page: Page
  /** What the page wrote to its console as an error or a warning, or threw. */
  readonly complaints: readonly string[]
}

const screenshots = resolve(import.meta.dirname, '..', '..', 'test-results', 'screenshots')

/** One browser for the tests of a file, and new windows for each test. */
export function useChromium(): Looker {
  let browser: Browser
  beforeAll(async () => {
    if (chromiumProgram === undefined) return
    browser = await chromium.launch({ executablePath: chromiumProgram, args: chromiumArguments })
  })
  afterEach(async () => {
    await Promise.all(browser?.contexts().map(context => context.close()) ?? [])
  })
  afterAll(() => browser?.close())
  return {
    async open(url, { bridge, ...options } = {}) {
      const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...options })
      if (bridge) await context.addInitScript(installFakeBridge, bridge)
      const page = await context.newPage()
      page.setDefaultTimeout(15_000)
      const complaints: string[] = []
      page.on('console', message => {
        if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text())
      })
      page.on('pageerror', error => complaints.push(String(error)))
      await page.goto(url)
      return { page, complaints }
    },
  }
}

/** Kept in `test-results/screenshots`, for people. */
export async function keepScreenshot(page: Page, name: string): Promise<void> {
  mkdirSync(screenshots, { recursive: true })
  await page.screenshot({ path: join(screenshots, `${name}.png`) })
}
