import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { openGuardedDoor } from '../gateway/support/keys.ts'
import { findBarriersInBothLights } from '../support/axe.ts'
import { noChromium, useChromium } from '../support/chromium.ts'

const pageFolder = resolve(import.meta.dirname, '..', '..', 'resources', 'runtime', 'page')

describe.skipIf(noChromium)('a page on another machine (needs Chromium)', () => {
  const chromium = useChromium()

  test('asks for a key, says when it is none, and shows the mesh with it until it is revoked', async () => {
    const door = await openGuardedDoor({ requireKey: true }, { pageFolder })
    const key = door.makeKey({ name: 'wall', scopes: ['read'] })
    const { page } = await chromium.open(door.url)
    const field = page.getByLabel('API key')
    await field.fill(`mlxm_${'A'.repeat(43)}`)
    expect(await findBarriersInBothLights(page)).toEqual([])
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByText('The Mac does not accept this key.').waitFor()
    await field.fill(` ${key} `)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'This Mac asks for an API key' }).waitFor({ state: 'detached' })
    await page.getByText('studio').first().waitFor()
    await page.reload()
    await page.getByText('studio').first().waitFor()
    expect(page.url()).not.toContain('mlxm_')
    door.keys.revoke('wall')
    await page.getByRole('heading', { name: 'This Mac asks for an API key' }).waitFor()
  })
})
