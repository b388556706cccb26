// What axe says about a page as it is now: people who cannot see it, or use no mouse, must get along, too.
import axe from 'axe-core'
import type { Page } from 'playwright-core'

/** The serious and critical findings, a line each; empty is as it should be. */
async function findBarriers(page: Page): Promise<string[]> {
  // Evaluated, not added as a script: the page's policy allows none but its own.
  await page.evaluate(axe.source)
  const found: unknown =
    await page.evaluate(`axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
    violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, help, nodes }) => id + ': ' + help + ': ' + nodes.map(({ html, any }) =>
        html.slice(0, 160) + ' ' + any.map(({ message }) => message).join(' ')).slice(0, 5).join(' | ')))`)
  if (!Array.isArray(found)) throw new Error('axe gave no answer')
  return found.map(String)
}

/** The same in the light and in the dark. */
export async function findBarriersInBothLights(page: Page): Promise<string[]> {
  const found: string[] = []
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    // Colours that change have arrived two frames later.
    await page.evaluate('new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))')
    found.push(...(await findBarriers(page)).map(each => `${colorScheme}: ${each}`))
  }
  return found
}
