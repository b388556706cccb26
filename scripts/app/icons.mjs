// Draws resources/icons/ anew from its SVG files, for whoever changes them: needs Chromium. `node scripts/app/icons.mjs`
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { chromium } from 'playwright-core'
import { writeIcns } from './icns.mjs'

const folder = fileURLToPath(new URL('../../resources/icons', import.meta.url))
const sizes = [16, 32, 64, 128, 256, 512, 1024]
/** Up to here the drawing with fewer shapes is the clearer one. */
const smallUpTo = 32

const browser = await chromium.launch({ executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium' })
try {
  const page = await browser.newPage({ viewport: { width: 1024, height: 1024 } })
  /** @type {Map<number, Buffer>} */
  const pngs = new Map()
  for (const size of sizes) {
    const svg = readFileSync(join(folder, size <= smallUpTo ? 'app-small.svg' : 'app.svg'), 'utf8')
    await page.setContent(
      `<style>*{margin:0}svg{display:block;width:${size}px;height:${size}px}</style>${svg}`,
    )
    pngs.set(
      size,
      await page.screenshot({
        clip: { x: 0, y: 0, width: size, height: size },
        omitBackground: true,
      }),
    )
  }
  writeFileSync(join(folder, 'app.png'), pngs.get(1024) ?? '')
  writeFileSync(join(folder, 'app.icns'), writeIcns(pngs))
} finally {
  await browser.close()
}
