// The app as it is used: the real window, the real dashboard, a real core with the scripted engine.
import type { Page } from 'playwright-core'
import { afterEach, describe, expect, test } from 'vitest'
import { keepScreenshot } from '../support/chromium.ts'
import { noApp, oldElectron, startApp, whyNoApp } from './support/real-app.ts'

/** What the window's rules have refused to the page. */
const refused: string[] = []
afterEach(() => expect(refused.splice(0)).toEqual([]))

describe.skipIf(noApp)(`the dashboard in the app's window${whyNoApp}`, oldElectron, () => {
  test('welcomes, and shows the mesh when the welcome is skipped', async () => {
    const app = await startApp({ realPage: true })
    const page = await app.openWindow()
    await page.getByRole('heading', { level: 1, name: 'Welcome to MLX Mesh' }).waitFor()
    await page.getByRole('button', { name: 'Skip' }).click()
    await page.getByRole('heading', { level: 1, name: 'Cluster' }).waitFor()
    await keepScreenshot(page, 'app-window')
  })

  test('agrees with the menu about sharing, whoever switches it', async () => {
    const app = await startApp({ realPage: true })
    const page = await open(await app.openWindow(), 'Macs')
    const sharing = page.getByRole('switch')
    await app.menuWhen(menu => menu.get('share')?.checked === true)
    expect(await sharing.isChecked()).toBe(true)
    await app.click('share')
    await page.locator('[role=switch][aria-checked=false]').waitFor()
    await sharing.click()
    await app.menuWhen(menu => menu.get('share')?.checked === true)
    await page.locator('[role=switch][aria-checked=true]').waitFor()
  })

  test('streams a chat, and lists the request with the Mac that answered', async () => {
    const app = await startApp({ realPage: true })
    const page = await open(await app.openWindow(), 'Chat')
    await page.getByRole('textbox').fill('Hello')
    await page.keyboard.press('Enter')
    await page.getByText(/first after/).waitFor()
    await page.getByRole('link', { name: 'Requests', exact: true }).click()
    await page.locator('a[href^="#/requests/"]').first().click()
    await page.getByText('Why this Mac?').waitFor()
  })

  test('stays where it is while a killed core comes back', async () => {
    const app = await startApp({ realPage: true })
    const first = await app.corePid()
    const page = await open(await app.openWindow(), 'Models')
    process.kill(first, 'SIGKILL')
    await page.getByText('stopped unexpectedly and is starting again').waitFor()
    await app.corePid(first)
    await page.getByText('stopped unexpectedly and is starting again').waitFor({ state: 'detached' })
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toBe('Models')
    await page.getByText('scripted').first().waitFor()
  })
})

async function open(page: Page, screen: string): Promise<Page> {
  page.on('console', said => {
    if (said.type() === 'error' && said.text().includes('Content Security Policy')) refused.push(said.text())
  })
  await page.reload()
  await page.getByRole('button', { name: 'Skip' }).click()
  await page.getByRole('link', { name: screen, exact: true }).click()
  await page.getByRole('heading', { level: 1, name: screen }).waitFor()
  return page
}
