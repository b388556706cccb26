// Electron's own checklist, item by item, on the app in a real Electron. Its fuses are read back where it is packaged.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import { describe, expect, test } from 'vitest'
import { makeTempFolder } from '../support/temp-folder.ts'
import { noApp, oldElectron, type RealApp, startApp, until, whyNoApp } from './support/real-app.ts'

async function open(): Promise<{ app: RealApp; page: Page }> {
  const app = await startApp({ fakeCore: true })
  return { app, page: await app.openWindow() }
}

/** What the page would have opened in the system's browser. */
async function watchBrowser(app: RealApp): Promise<() => Promise<unknown>> {
  await app.electron.evaluate(({ shell }) => {
    const opened: string[] = []
    Object.assign(globalThis, { opened })
    shell.openExternal = async url => void opened.push(url)
  })
  return () => app.electron.evaluate(() => Reflect.get(globalThis, 'opened'))
}

/** The rule of the page's policy that `script` breaks. Whether the network would have answered plays no part. */
async function ruleAgainst(page: Page, script: string): Promise<unknown> {
  return page.evaluate(`new Promise(resolve => {
    addEventListener('securitypolicyviolation', event => resolve(event.effectiveDirective), { once: true })
    ${script}
  })`)
}

describe.skipIf(noApp)(`the page of the window${whyNoApp}`, oldElectron, () => {
  test('runs in a sandbox, apart from the preload script, without Node.js, by the rules of the web', async () => {
    const { app, page } = await open()
    const preferences = await app.electron.evaluate(({ BrowserWindow }) => {
      const contents = BrowserWindow.getAllWindows()[0]?.webContents
      // Told by Electron at run time, whatever the types say.
      return Reflect.apply(Reflect.get(Object(contents), 'getLastWebPreferences'), contents, [])
    })
    expect(preferences).toMatchObject({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
      webviewTag: false,
    })
    expect(preferences).not.toMatchObject({ allowRunningInsecureContent: true })
    const globals = ['require', 'process', 'module', 'Buffer', 'global', 'ipcRenderer', 'electron']
    for (const name of globals) expect(await page.evaluate(`typeof ${name}`), name).toBe('undefined')
    expect(await page.evaluate('Object.keys(mlxMesh).sort()')).toEqual([
      'changeSettings',
      'checkForUpdates',
      'copyText',
      'core',
      'installUpdate',
      'onCore',
      'onUpdate',
      'platform',
      'restartCore',
      'saveDiagnostics',
      'settings',
      'showDataFolder',
      'update',
    ])
  })

  test('runs no script but its own files', async () => {
    const { page } = await open()
    expect(await page.textContent('p')).toBe('It runs')
    const tried = await page.evaluate(`new Promise(resolve => {
      addEventListener('securitypolicyviolation', event => resolve(event.violatedDirective))
      const script = document.createElement('script')
      script.textContent = 'window.broken = true'
      document.body.append(script)
    })`)
    expect(tried).toBe('script-src-elem')
    expect(await page.evaluate('window.broken')).toBeUndefined()
    await expect(
      page.evaluate(`new Promise((_, fail) => {
      const script = document.createElement('script')
      script.src = 'https://example.com/x.js'
      script.onerror = () => fail(new Error('blocked'))
      document.body.append(script)
    })`),
    ).rejects.toThrow('blocked')
  })

  test('reaches the peer, and no other host', async () => {
    const { page } = await open()
    const url = await page.evaluate('mlxMesh.core().then(core => core.peer.url)')
    expect(await page.evaluate(`fetch('${url}/health', { mode: 'no-cors' }).then(() => 'reached')`)).toBe(
      'reached',
    )
    for (const other of ['https://example.com/', 'http://10.1.2.3/'])
      expect(await ruleAgainst(page, `fetch('${other}').catch(() => {})`), other).toBe('connect-src')
    expect(await ruleAgainst(page, "new WebSocket('ws://10.1.2.3/')")).toBe('connect-src')
    await expect(page.evaluate("fetch('file:///etc/passwd')")).rejects.toThrow('fetch')
  })

  test('gets nothing of the disk but its own files', async () => {
    const { page } = await open()
    const status = (path: string) => page.evaluate(`fetch('${path}').then(answer => answer.status)`)
    expect(await status('app://mlx-mesh/page.js')).toBe(200)
    expect(await status('app://mlx-mesh/..%2f..%2f..%2fetc/passwd')).toBe(404)
    expect(await status('app://mlx-mesh/%2fetc%2fpasswd')).toBe(404)
  })

  test('goes nowhere else', async () => {
    const { app, page } = await open()
    await page.evaluate('window.mark = 1')
    const elsewhere = makeTempFolder()
    writeFileSync(join(elsewhere, 'x.html'), 'x')
    for (const url of [
      'https://example.com/',
      `file://${elsewhere}/x.html`,
      'app://elsewhere/',
      'data:text/html,x',
    ]) {
      await page.evaluate(`location.href = ${JSON.stringify(url)}`).catch(() => {})
      expect(await page.evaluate('window.mark'), url).toBe(1)
    }
    expect(page.url()).toBe('app://mlx-mesh/')
    await until(() => (app.log().includes('a page wanted to go elsewhere') ? true : undefined))
  })

  test('opens no windows, and only model cards in the browser', async () => {
    const { app, page } = await open()
    const opened = await watchBrowser(app)
    for (const url of ['https://example.com/', 'app://mlx-mesh/', 'file:///etc/passwd', 'about:blank'])
      expect(await page.evaluate(`window.open('${url}') === null`), url).toBe(true)
    expect(await page.evaluate(`window.open('https://huggingface.co/mlx-community/x') === null`)).toBe(true)
    expect(app.electron.windows().length).toBe(1)
    expect(await opened()).toEqual(['https://huggingface.co/mlx-community/x'])
  })

  test('has no webviews, no frames of other sites, and gives a frame nothing', async () => {
    const { app, page } = await open()
    const rule = await ruleAgainst(
      page,
      `
      const view = document.createElement('webview')
      view.src = 'https://example.com/'
      document.body.append(view)
      const frame = document.createElement('iframe')
      frame.srcdoc = '<p>inside</p>'
      document.body.append(frame)
      const site = document.createElement('iframe')
      site.src = 'https://example.com/'
      document.body.append(site)
    `,
    )
    expect(rule).toBe('frame-src')
    const kinds = await app.electron.evaluate(({ webContents }) =>
      webContents.getAllWebContents().map(contents => contents.getType()),
    )
    expect(kinds).toEqual(['window'])
    const inside = page.frames().find(frame => frame.url() === 'about:srcdoc')
    expect(await inside?.evaluate('typeof window.mlxMesh')).toBe('undefined')
  })

  test('gets no permissions', async () => {
    const { page } = await open()
    expect(await page.evaluate('Notification.requestPermission()')).toBe('denied')
    expect(
      await page.evaluate(
        `new Promise(resolve => navigator.geolocation.getCurrentPosition(() => resolve('given'), error => resolve(error.code)))`,
      ),
    ).toBe(1)
    await expect(page.evaluate('navigator.mediaDevices.getUserMedia({ audio: true })')).rejects.toThrow()
    for (const name of ['camera', 'microphone', 'geolocation', 'notifications', 'clipboard-read'])
      expect(
        await page.evaluate(`navigator.permissions.query({ name: '${name}' }).then(found => found.state)`),
        name,
      ).toBe('denied')
  })

  test('saves no files by itself', async () => {
    const { app, page } = await open()
    const prevented = app.electron.evaluate(
      ({ session }) =>
        new Promise(resolve =>
          session.defaultSession.once('will-download', event => resolve(event.defaultPrevented)),
        ),
    )
    await page.evaluate(`(() => {
      const link = document.createElement('a')
      link.href = URL.createObjectURL(new Blob(['x']))
      link.download = 'x.txt'
      link.click()
    })()`)
    expect(await prevented).toBe(true)
  })

  test('comes back when its renderer dies', async () => {
    const { app } = await open()
    const pidOf = () =>
      app.electron.evaluate(({ BrowserWindow }) => {
        const contents = BrowserWindow.getAllWindows()[0]?.webContents
        return contents && !contents.isCrashed() && !contents.isLoading() ? contents.getOSProcessId() : 0
      })
    const first = await pidOf()
    process.kill(first, 'SIGKILL')
    await until(async () => (![0, first].includes(await pidOf()) ? true : undefined))
    expect(app.electron.windows().length).toBe(1)
  })
})
