import type { Page } from 'playwright-core'
import { afterEach, describe, expect, test } from 'vitest'
import { findBarriersInBothLights } from '../support/axe.ts'
import { keepScreenshot, noChromium, useChromium } from '../support/chromium.ts'
import { cannedMeshes } from '../views/canned-meshes.ts'
import { type CannedPeer, openCannedPeer } from '../views/canned-peer.ts'

const llama = 'mlx-community/Llama-3.2-3B-Instruct-4bit'

let peer: CannedPeer
afterEach(() => peer.close())

describe.skipIf(noChromium)('the chat (needs Chromium)', () => {
  const chromium = useChromium()

  test('streams an answer, renders its markdown, and says which Mac gave it and how fast', async () => {
    const { page, complaints } = await open('three')
    const sent = page.waitForRequest('**/v1/chat/completions')
    await ask(page, 'Which Mac are you?')
    expect((await sent).postDataJSON()).toMatchObject({
      model: llama,
      messages: [{ role: 'user', content: 'Which Mac are you?' }],
      stream: true,
    })
    await page.getByText(/Desk · .* tokens · .* tokens\/s · first after .*/).waitFor()
    await page.getByText('The answer is complete.').waitFor({ state: 'attached' })
    expect(await page.locator('.answer strong').innerText()).toBe('one')
    expect(await page.locator('.answer ol > li').count()).toBe(3)
    expect(await page.locator('.answer pre').innerText()).toContain(
      'print("hello from the mesh")\n\nprint("goodbye")',
    )
    expect(await page.getByRole('cell', { name: '56' }).count()).toBe(1)
    await page.getByText('<b>for more</b>').waitFor()
    const link = page.getByRole('link', { name: 'the project' })
    expect(await link.getAttribute('rel')).toBe('noopener noreferrer')
    expect(await link.getAttribute('target')).toBe('_blank')
    expect(await findBarriersInBothLights(page)).toEqual([])
    await keepScreenshot(page, 'chat')
    expect(complaints).toEqual([])
  })

  test('writes each script in its own direction, and lets nothing in an answer act', async () => {
    const { page, complaints } = await open('one')
    const asked: string[] = []
    page.on('request', request => asked.push(request.url()))
    const content = [
      'שלום, זו **תשובה**.',
      '- פריט\n- [x] done',
      '[evil](javascript:alert(1)) ![a cat](https://example.org/cat.png) <img src=x onerror=alert(1)>',
    ].join('\n\n')
    const body = `data: ${JSON.stringify({ choices: [{ delta: { content } }] })}\n\ndata: [DONE]\n\n`
    await page.route('**/v1/chat/completions', route =>
      route.fulfill({ status: 200, contentType: 'text/event-stream', body }),
    )
    await ask(page, 'שלום')
    await complete(page)
    await page.locator('[aria-label="Your message"] p:dir(rtl)').waitFor()
    await page.locator('.answer ul:dir(rtl)').waitFor()
    expect(await page.getByRole('checkbox', { name: 'Done' }).isChecked()).toBe(true)
    expect(await page.locator('.answer img, .answer a[href^=javascript]').count()).toBe(0)
    expect(await page.getByRole('link', { name: 'a cat' }).getAttribute('href')).toBe(
      'https://example.org/cat.png',
    )
    expect(asked.filter(url => url.includes('example.org'))).toEqual([])
    expect(await findBarriersInBothLights(page)).toEqual([])
    expect(complaints).toEqual([])
  })

  test('copies code, and in the window of the app a link is copied, too, not followed', async () => {
    const { page, complaints } = await open('one')
    await page.addInitScript(windowOfTheApp)
    await page.reload()
    await ask(page, 'code and links')
    await complete(page)
    await page.getByRole('button', { name: 'Copy this code' }).click()
    await page.getByRole('button', { name: 'Copy this code' }).getByText('Copied').waitFor()
    expect(await page.evaluate('window.copied')).toBe('print("hello from the mesh")\n\nprint("goodbye")')
    await page.getByText('(https://example.org/mesh)').waitFor()
    expect(await page.locator('.answer a').count()).toBe(0)
    await page.getByRole('button', { name: 'Copy the address of this link' }).click()
    await expect.poll(() => page.evaluate('window.copied')).toBe('https://example.org/mesh')
    expect(complaints).toEqual([])
  })

  test('keeps the turns of a conversation, also while one looks at another screen, and forgets them on demand', async () => {
    const { page } = await open('three')
    await ask(page, 'first question')
    await complete(page)
    await page.getByRole('link', { name: 'Models', exact: true }).click()
    await page.getByRole('heading', { level: 1, name: 'Models' }).waitFor()
    await page.getByRole('link', { name: 'Chat', exact: true }).click()
    await page.getByText('first question').waitFor()
    const sent = page.waitForRequest('**/v1/chat/completions')
    await ask(page, 'second question')
    const { messages } = (await sent).postDataJSON()
    expect(messages.map(({ role }: { role: string }) => role)).toEqual(['user', 'assistant', 'user'])
    await complete(page)
    await page.getByRole('button', { name: 'New chat' }).click()
    await page.getByText('Ask something, and see which Mac answers.').waitFor()
  })

  test('stops when told so, and Escape tells it, too', async () => {
    const { page } = await open('three')
    await ask(page, 'slow, please')
    await page.getByText('A mesh of Macs').waitFor()
    await page.getByRole('button', { name: 'Stop' }).click()
    await page.getByText('Stopped.').waitFor()
    await expect.poll(() => peer.world.live.length).toBe(0)
    expect(peer.world.history[0]?.status).toBe('cancelled')
    await page.getByRole('button', { name: 'Answer again' }).click()
    await page.getByText('A mesh of Macs').waitFor()
    await page.keyboard.press('Escape')
    await page.getByText('Stopped.').waitFor()
  })

  test('answers again, and lets one change the last message', async () => {
    const { page } = await open('three')
    await ask(page, 'wrong question')
    await complete(page)
    await page.getByRole('button', { name: 'Answer again' }).click()
    await complete(page)
    expect(await page.getByRole('article', { name: 'Answer' }).count()).toBe(1)
    await page.getByRole('button', { name: 'Change your message' }).click()
    const message = page.getByLabel('Message', { exact: true })
    expect(await message.inputValue()).toBe('wrong question')
    const sent = page.waitForRequest('**/v1/chat/completions')
    await message.fill('right question')
    await message.press('Enter')
    expect((await sent).postDataJSON().messages).toEqual([{ role: 'user', content: 'right question' }])
    await complete(page)
    expect(await page.getByText('wrong question').count()).toBe(0)
  })

  test('says in the words of the Mac what went wrong, before or in the middle of an answer', async () => {
    const { page } = await open('three')
    await ask(page, 'please fail')
    const alert = page.getByRole('alert')
    await alert.getByText('Every Mac that has this model is full.').waitFor()
    const next = page.waitForRequest('**/v1/chat/completions')
    await ask(page, 'better now')
    expect((await next).postDataJSON().messages).toEqual([{ role: 'user', content: 'better now' }])
    await complete(page)
    await page.getByRole('button', { name: 'New chat' }).click()
    await ask(page, 'break')
    await page.getByText('A mesh of Macs').waitFor()
    await alert.getByText('Every Mac that has this model is full.').waitFor()
    await alert.getByRole('button', { name: 'Try again' }).click()
    await alert.waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'New chat' }).click()
    await ask(page, 'slow')
    await page.getByText('A mesh of Macs').waitFor()
    peer.vanish(true)
    await alert.getByText('The answer broke off').waitFor()
  })

  test('keeps what the model thought first apart from its answer, for who wants to read it', async () => {
    const { page } = await open('three')
    await ask(page, 'think')
    await complete(page)
    expect(await page.locator('.answer strong').innerText()).toBe('one')
    const thought = page.getByText('Macs are many, answers are one.')
    expect(await thought.isVisible()).toBe(false)
    await page.getByText('What it thought first').click()
    expect(await thought.isVisible()).toBe(true)
    expect(await findBarriersInBothLights(page)).toEqual([])
    await keepScreenshot(page, 'chat-thought')
  })

  test('shows that another Mac took over', async () => {
    const { page } = await open('three')
    await ask(page, 'hand over')
    await page.getByText(/^Taken over by Studio/).waitFor()
    await complete(page)
    await page.getByText(/^Taken over by Studio · .* tokens/).waitFor()
  })

  test('offers ready models first, and says when one is loaded for the question', async () => {
    const { page } = await open('three')
    const choice = page.getByLabel('Model', { exact: true })
    expect(await choice.inputValue()).toBe(llama)
    peer.world.changeModel('mac-2', 'mlx-community/Qwen3-30B-A3B-4bit', { state: 'unloaded' })
    await choice.selectOption('mlx-community/Qwen3-30B-A3B-4bit')
    await ask(page, 'wait')
    await page.getByText('is reading.').or(page.getByText('is loaded first.')).waitFor()
    peer.world.changeModel('mac-2', 'mlx-community/Qwen3-30B-A3B-4bit', { state: 'loading' })
    await page.getByText('Qwen3 30B A3B, 4-bit is being loaded on Studio.').waitFor()
    await page.keyboard.press('Escape')
    await page.getByText('Stopped.').waitFor()
  })

  test('gives the model instructions and a temperature', async () => {
    const { page, complaints } = await open('one')
    await page.getByRole('button', { name: 'Options' }).click()
    await page.getByLabel('Instructions').fill('Answer in verse.')
    await page.getByLabel('Temperature').fill('1.2')
    expect(await findBarriersInBothLights(page)).toEqual([])
    const sent = page.waitForRequest('**/v1/chat/completions')
    const message = page.getByLabel('Message', { exact: true })
    await message.fill('one')
    await message.press('Shift+Enter')
    await page.keyboard.type('two')
    await message.press('Enter')
    expect((await sent).postDataJSON()).toMatchObject({
      temperature: 1.2,
      messages: [
        { role: 'system', content: 'Answer in verse.' },
        { role: 'user', content: 'one\ntwo' },
      ],
    })
    await complete(page)
    expect(complaints).toEqual([])
  })

  test('stays at the end of a long answer, and does not pull a reader back there', async () => {
    const { page } = await open('three')
    await ask(page, 'long')
    const conversation = page.getByRole('region', { name: 'Conversation' })
    const gap = () => conversation.evaluate(each => each.scrollHeight - each.scrollTop - each.clientHeight)
    await expect.poll(() => conversation.evaluate(each => each.scrollHeight)).toBeGreaterThan(3000)
    expect(await gap()).toBeLessThan(60)
    await conversation.hover()
    await page.mouse.wheel(0, -600)
    const toEnd = page.getByRole('button', { name: 'To the end' })
    await toEnd.waitFor()
    const at = await conversation.evaluate(each => each.scrollTop)
    await complete(page)
    expect(Math.abs((await conversation.evaluate(each => each.scrollTop)) - at)).toBeLessThan(400)
    await toEnd.click()
    await expect.poll(gap).toBeLessThan(60)
  })

  test('leads to the models where there is none', async () => {
    const { page } = await open('empty')
    await page.getByRole('link', { name: 'Add a model' }).click()
    await page.getByRole('heading', { level: 1, name: 'Models' }).waitFor()
  })

  async function open(mesh: keyof typeof cannedMeshes) {
    peer = await openCannedPeer({ workers: cannedMeshes[mesh] })
    return await chromium.open(`${peer.url}/#/chat`)
  }
})

/** As much of the app's bridge as the page asks for. */
const windowOfTheApp = `window.mlxMesh = {
  platform: 'darwin',
  core: async () => ({ state: 'running', peer: { url: '', token: '' } }),
  onCore: () => () => {},
  settings: async () => ({ openAtLogin: false, welcomed: true }),
  update: async () => ({ state: 'idle' }),
  onUpdate: () => () => {},
  copyText: async text => { window.copied = text },
}`

async function ask(page: Page, text: string): Promise<void> {
  const message = page.getByLabel('Message', { exact: true })
  await message.fill(text)
  await message.press('Enter')
}

async function complete(page: Page): Promise<void> {
  await page.getByText('The answer is complete.').waitFor({ state: 'attached' })
}
