import type { Page } from 'playwright-core'
import { afterEach, describe, expect, test } from 'vitest'
import { findBarriersInBothLights } from '../support/axe.ts'
import { keepScreenshot, noChromium, useChromium } from '../support/chromium.ts'
import { cannedMeshes } from '../views/canned-meshes.ts'
import { type CannedPeer, openCannedPeer } from '../views/canned-peer.ts'

const llama = 'mlx-community/Llama-3.2-3B-Instruct-4bit'

let peer: CannedPeer
afterEach(() => peer.close())

describe.skipIf(noChromium)('the screen of models (needs Chromium)', () => {
  const chromium = useChromium()

  test('says of each model on which Mac it is, how, and how well it suits the others', async () => {
    const { page, complaints } = await open('three')
    const card = page.getByRole('article', { name: 'Llama 3.2 3B Instruct' })
    await card.getByText('Ready on 2 Macs').waitFor()
    await card.getByText('1.8 GB · context of 32,768 tokens').waitFor()
    await rowOf(page, 'Llama 3.2 3B Instruct', 'Kitchen laptop')
      .getByText('Copying from another Mac')
      .waitFor()
    const tooLarge = rowOf(page, 'Qwen3 30B A3B', 'Kitchen laptop')
    await tooLarge.getByText('Does not fit').waitFor()
    const get = tooLarge.getByRole('button', { name: 'Get: Qwen3 30B A3B on Kitchen laptop' })
    expect(await get.isDisabled()).toBe(true)
    expect(await get.getAttribute('title')).toBe('Qwen3 30B A3B needs more memory than Kitchen laptop has')
    expect(await findBarriersInBothLights(page)).toEqual([])
    await keepScreenshot(page, 'models')
    expect(complaints).toEqual([])
  })

  test('loads and unloads on the Mac whose button is pressed, and shows it on the way', async () => {
    const { page } = await open('three')
    const row = rowOf(page, 'SmolLM2 135M Instruct', 'Studio')
    const sent = page.waitForRequest('**/api/cluster/workers/mac-2/load-model')
    await row.getByRole('button', { name: 'Load: SmolLM2 135M Instruct on Studio' }).click()
    expect((await sent).postDataJSON()).toEqual({ modelId: 'SmolLM2-135M-Instruct' })
    await row.getByText('Loading into memory').waitFor()
    await row.getByText('Ready', { exact: true }).waitFor()
    await row.getByRole('button', { name: 'Unload: SmolLM2 135M Instruct on Studio' }).click()
    await row.getByText('On disk').waitFor()
  })

  test('shows a model on its way with bytes, speed and time left, and takes it back', async () => {
    const { page } = await open('three')
    const row = rowOf(page, 'Llama 3.2 3B Instruct', 'Kitchen laptop')
    const ofBytes = 1.8 * 2 ** 30
    const bar = row.getByRole('progressbar')
    for (let percent = 40; percent <= 60; percent += 4) {
      peer.world.changeModel('mac-3', llama, { copied: { bytes: (ofBytes * percent) / 100, ofBytes } })
      await expect.poll(() => bar.getAttribute('aria-valuenow')).toBe(String(percent))
      await page.waitForTimeout(350)
    }
    await row.getByText('1.1 GB of 1.8 GB').waitFor()
    await row.getByText(/MB\/s, .* left/).waitFor()
    await row.getByRole('button', { name: 'Cancel: Llama 3.2 3B Instruct on Kitchen laptop' }).click()
    await row.getByText('Not on this Mac').waitFor()
  })

  test('puts a model away that has not come', async () => {
    const { page } = await open('three')
    const reason = 'No other Mac answers.'
    peer.world.changeModel('mac-3', llama, { state: 'absent', reason })
    const row = rowOf(page, 'Llama 3.2 3B Instruct', 'Kitchen laptop')
    await row.getByText(reason).waitFor()
    await row.getByRole('button', { name: 'Forget Llama 3.2 3B Instruct on Kitchen laptop' }).click()
    await row.getByText('Not on this Mac').waitFor()
    await row.getByText(reason).waitFor({ state: 'detached' })
  })

  test('pins a model, and removes one only after a question', async () => {
    const { page } = await open('three')
    const row = rowOf(page, 'Qwen3 30B A3B', 'Studio')
    const trash = row.getByRole('button', { name: 'Remove Qwen3 30B A3B from Studio' })
    const pin = row.getByRole('button', { name: 'Always keep Qwen3 30B A3B loaded on Studio' })
    const sent = page.waitForRequest('**/pin-model')
    await pin.click()
    expect((await sent).postDataJSON()).toEqual({ modelId: 'mlx-community/Qwen3-30B-A3B-4bit', pinned: true })
    await expect.poll(() => pin.getAttribute('aria-pressed')).toBe('true')
    await trash.click()
    const question = page.getByRole('dialog', { name: 'Remove this model from Studio?' })
    await question.getByRole('button', { name: 'Keep it' }).click()
    await row.getByText('Ready', { exact: true }).waitFor()
    expect(await page.locator(':focus').getAttribute('aria-label')).toBe('Remove Qwen3 30B A3B from Studio')
    await trash.click()
    await page.keyboard.press('Escape')
    await page.keyboard.press('Escape')
    await question.waitFor({ state: 'detached' })
    await trash.click()
    await question.getByRole('button', { name: 'Remove', exact: true }).click()
    await page.getByRole('article', { name: 'Qwen3 30B A3B' }).waitFor({ state: 'detached' })
  })

  test('shows the words of a Mac that refuses, where one clicked', async () => {
    const { page } = await open('three')
    const message = 'Studio has too little free memory for this model.'
    await page.route('**/load-model', route =>
      route.fulfill({ status: 503, json: { error: { message, code: 'insufficient_memory' } } }),
    )
    const row = rowOf(page, 'SmolLM2 135M Instruct', 'Studio')
    await row.getByRole('button', { name: 'Load: SmolLM2 135M Instruct on Studio' }).click()
    await row.getByRole('alert').getByText(message).waitFor()
  })

  test('downloads a model from the catalog, or by its name, for the Mac one chooses', async () => {
    const { page, complaints } = await open('three')
    await page.getByRole('button', { name: 'Add a model' }).click()
    const dialog = page.getByRole('dialog', { name: 'Add a model' })
    await dialog.getByLabel('For').selectOption('mac-3')
    await dialog.getByRole('button', { name: 'Download Llama 3.3 70B' }).waitFor()
    expect(await dialog.getByRole('button', { name: 'Download Llama 3.3 70B' }).isDisabled()).toBe(true)
    expect(await findBarriersInBothLights(page)).toEqual([])
    await keepScreenshot(page, 'models-add')
    const sent = page.waitForRequest('**/api/cluster/workers/mac-3/load-model')
    await dialog.getByRole('button', { name: 'Download Gemma 3 4B' }).click()
    expect((await sent).postDataJSON()).toEqual({ modelId: 'mlx-community/gemma-3-4b-it-4bit' })
    await dialog
      .getByRole('listitem')
      .filter({ hasText: 'Gemma' })
      .getByText(/On its way/)
      .waitFor()

    const name = dialog.getByLabel('Or any MLX model of Hugging Face')
    await name.fill('just-a-model')
    await name.press('Enter')
    await dialog.getByText('A name has two parts').waitFor()
    await name.fill('https://huggingface.co/someone/Tiny-2bit')
    const named = page.waitForRequest('**/api/cluster/workers/mac-3/load-model')
    await name.press('Enter')
    expect((await named).postDataJSON()).toEqual({ modelId: 'someone/Tiny-2bit' })
    await dialog.getByText('Kitchen laptop is getting someone/Tiny-2bit').waitFor()
    await dialog.getByRole('button', { name: 'Done' }).click()
    await page.getByRole('article', { name: 'Tiny' }).getByText('Downloading').waitFor()
    expect(complaints).toEqual([])
  })

  test('finds and sorts models where there are many, and says why one failed', async () => {
    const { page } = await open('failing')
    const llamas = page.getByRole('article', { name: 'Llama 3.2 3B Instruct' })
    await llamas.getByText('Its process ended three times in a row: out of memory.').waitFor()
    await llamas.getByText('This Mac is offline').waitFor()
    const many = Array.from({ length: 90 }, (_, i) => ({
      ...(peer.world.workers[0]?.models[0] ?? fail()),
      modelId: `made-up/Model-${i}-4bit`,
      sizeBytes: (i + 1) * 2 ** 28,
    }))
    peer.world.change('mac-1', { models: many })
    await page.getByRole('button', { name: 'Show more' }).waitFor()
    await page.getByLabel('Order').selectOption('Largest first')
    await expect.poll(() => page.getByRole('article').first().getAttribute('aria-label')).toBe('Model 89')
    await page.getByRole('searchbox', { name: 'Search models' }).fill('model 77')
    await expect.poll(() => page.getByRole('article').count()).toBe(1)
    await page.getByRole('searchbox', { name: 'Search models' }).fill('nothing like it')
    await page.getByRole('button', { name: 'Show all' }).click()
    await page.getByRole('article', { name: 'Model 89' }).waitFor()
  })

  test('says what to do where there is none', async () => {
    const { page, complaints } = await open('empty')
    await page.getByText('There is no model on any Mac of this mesh.').waitFor()
    await page.getByRole('button', { name: 'Add a model' }).click()
    await page.getByText('No Mac is online that could run a model.').waitFor()
    expect(complaints).toEqual([])
  })

  async function open(mesh: keyof typeof cannedMeshes) {
    peer = await openCannedPeer({ workers: cannedMeshes[mesh] })
    return await chromium.open(`${peer.url}/#/models`)
  }
})

function rowOf(page: Page, model: string, mac: string) {
  return page
    .getByRole('article', { name: model })
    .getByRole('listitem')
    .filter({ has: page.getByRole('link', { name: mac, exact: true }) })
}

function fail(): never {
  throw new Error('there is no canned model to copy')
}
