// The channels between the page and the app: who may ask, with what, and what is done then.
import { readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { type Channel, channels } from '../../preload/channels.ts'
import { makeTempFolder } from '../support/temp-folder.ts'
import { noApp, oldElectron, startApp, until, whyNoApp } from './support/real-app.ts'

const wrong: Readonly<Record<Channel, readonly unknown[][]>> = {
  core: [[1]],
  restartCore: [['now']],
  settings: [[{}]],
  changeSettings: [
    [],
    [null],
    [{ openAtLogin: 'yes' }],
    [{ welcomed: undefined }],
    [{ dataFolder: '/' }],
    [{ welcomed: true }, 1],
  ],
  update: [[1]],
  checkForUpdates: [['https://evil.example']],
  installUpdate: [['1.2.3']],
  copyText: [[], [1], [null], [['x']], ['x', 'y'], ['x'.repeat(1_000_001)]],
  saveDiagnostics: [['/etc/passwd']],
  showDataFolder: [['/etc']],
}

const tables = Object.entries(channels).map(([name, { args }]) => ({ name, args }))

test.each(tables)('the channel $name takes nothing but its own arguments', ({ name, args }) => {
  const all = Object.entries(wrong).find(([channel]) => channel === name)?.[1] ?? []
  expect(all).not.toEqual([])
  for (const given of all)
    expect(args.safeParse(given).success, JSON.stringify(given).slice(0, 80)).toBe(false)
})

describe.skipIf(noApp)(`the channels of the app${whyNoApp}`, oldElectron, () => {
  test('answer no other page, be it in another window of the app', async () => {
    const app = await startApp({ fakeCore: true })
    await app.openWindow()
    const refused = await app.electron.evaluate(async ({ BrowserWindow }, names) => {
      const webPreferences = { nodeIntegration: true, contextIsolation: false, sandbox: false }
      const stranger = new BrowserWindow({ show: false, webPreferences })
      await stranger.loadURL('app://mlx-mesh/')
      return stranger.webContents.executeJavaScript(
        `Promise.all(${JSON.stringify(names)}.map(name =>
          require('electron').ipcRenderer.invoke('mlx-mesh:' + name).then(() => name + ' answered', error => error.message)))`,
      )
    }, Object.keys(channels))
    expect(refused).toHaveLength(Object.keys(channels).length)
    for (const message of refused) expect(message).toContain('this page may not ask the app')
  })

  test('refuse wrong arguments of our own page, too', async () => {
    const app = await startApp({ fakeCore: true })
    const page = await app.openWindow()
    await expect(page.evaluate('mlxMesh.copyText(1)')).rejects.toThrow('copyText takes other arguments')
    await expect(page.evaluate('mlxMesh.changeSettings({ port: 1 })')).rejects.toThrow(
      'takes other arguments',
    )
  })

  test('copy text, keep that the welcome is over, and say what this build cannot do', async () => {
    const app = await startApp({ fakeCore: true })
    const page = await app.openWindow()
    await page.evaluate(`mlxMesh.copyText('a line')`)
    expect(await app.electron.evaluate(({ clipboard }) => clipboard.readText())).toBe('a line')
    expect(await page.evaluate('mlxMesh.changeSettings({ welcomed: true, openAtLogin: true })')).toEqual({
      welcomed: true,
      openAtLogin: false,
    })
    expect(await page.evaluate('mlxMesh.settings()')).toEqual({ welcomed: true, openAtLogin: false })
    expect(JSON.parse(readFileSync(join(app.home, 'app.json'), 'utf8'))).toMatchObject({ welcomed: true })
    expect(await page.evaluate('mlxMesh.update()')).toMatchObject({ state: 'unavailable' })
    await expect(page.evaluate('mlxMesh.installUpdate()')).rejects.toThrow('not updated by itself')
    await page.evaluate('mlxMesh.checkForUpdates()')
  })

  test('save the diagnostics of the peer where its owner chooses, or nowhere', async () => {
    const app = await startApp({ fakeCore: true })
    const page = await app.openWindow()
    const chosen = join(makeTempFolder(), 'bundle.zip')
    const choose = (filePath: string) =>
      app.electron.evaluate(({ dialog }, file) => {
        dialog.showSaveDialog = async () => ({ canceled: file === '', filePath: file })
      }, filePath)
    await choose(chosen)
    expect(await page.evaluate('mlxMesh.saveDiagnostics()')).toBe(chosen)
    expect(readFileSync(chosen, 'utf8')).toBe('a bundle')
    expect(statSync(chosen).mode & 0o777).toBe(0o600)
    await choose('')
    expect(await page.evaluate('mlxMesh.saveDiagnostics()')).toBeNull()
  })

  test('show the data folder, and start the core again', async () => {
    const app = await startApp({ fakeCore: true })
    const page = await app.openWindow()
    await app.electron.evaluate(({ shell }) => {
      shell.openPath = async path => {
        Object.assign(globalThis, { shown: path })
        return ''
      }
    })
    await page.evaluate('mlxMesh.showDataFolder()')
    expect(await app.electron.evaluate(() => Reflect.get(globalThis, 'shown'))).toBe(app.home)
    await page.evaluate(
      'window.states = []; void mlxMesh.onCore(state => states.push(state.state)); mlxMesh.restartCore()',
    )
    await until(async () => ((await page.evaluate('states.at(-1)')) === 'running' ? true : undefined))
    expect(await page.evaluate('states')).toEqual(['starting', 'running'])
  })
})
