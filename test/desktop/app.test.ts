// The app in a real Electron. Skipped where none can be had.
import { once } from 'node:events'
import { readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { hasEnded, isAlive } from '../support/processes.ts'
import { makeTempFolder } from '../support/temp-folder.ts'
import { descendantsOf } from './support/descendants.ts'
import { noApp, oldElectron, startApp, until, whyNoApp } from './support/real-app.ts'

/** A data folder of somebody who has gone through the welcome. */
function welcomed(): string {
  const home = makeTempFolder()
  writeFileSync(join(home, 'app.json'), '{"welcomed": true}')
  return home
}

describe.skipIf(noApp)(`the app${whyNoApp}`, oldElectron, () => {
  test('starts into the menu bar, without a window once the welcome is over', async () => {
    const app = await startApp({ home: welcomed() })
    const menu = await app.menu()
    expect([...menu.keys()]).toEqual(
      expect.arrayContaining(['title', 'share', 'copy-endpoint', 'open-dashboard', 'open-settings', 'quit']),
    )
    await app.corePid()
    expect(app.electron.windows()).toEqual([])
  })

  test('opens its window by itself for the welcome', async () => {
    const app = await startApp()
    const page = await app.openWindow()
    expect(page.url()).toBe('app://mlx-mesh/')
    expect(await page.textContent('p')).toBe('It runs')
  })

  test('tells its page where the core is, and the core lets that page in', async () => {
    const app = await startApp()
    const url = await app.peerUrl()
    const page = await app.openWindow()
    const core = await until(async () => {
      const state = z
        .object({ state: z.string(), peer: z.object({ url: z.string(), token: z.string() }) })
        .safeParse(await page.evaluate('mlxMesh.core()'))
      return state.data
    })
    expect(core.peer.url).toBe(url)
    const ask = (token: string) =>
      page.evaluate(
        `fetch('${url}/v1/models', { headers: { 'x-mlx-mesh-token': '${token}' } }).then(answer => answer.status)`,
      )
    expect(await ask(core.peer.token)).toBe(200)
    // The answer is a 403 that this page may not read.
    await expect(ask('wrong')).rejects.toThrow('Failed to fetch')
  })

  test('brings a killed core back while its window lives on', async () => {
    const app = await startApp()
    const first = await app.corePid()
    const page = await app.openWindow()
    await page.evaluate(
      'window.states = []; mlxMesh.onCore(state => states.push(state.state)); window.mark = 1',
    )
    process.kill(first, 'SIGKILL')
    const second = await app.corePid(first)
    expect(isAlive(second)).toBe(true)
    await until(async () => ((await page.evaluate('states.at(-1)')) === 'running' ? true : undefined))
    expect(await page.evaluate('states')).toEqual(['restarting', 'running'])
    expect(await page.evaluate('window.mark')).toBe(1)
  })

  test('says in the words of the core why it cannot run', async () => {
    const home = welcomed()
    writeFileSync(join(home, 'cluster.yaml'), 'controller:\n  prot: 8080\n')
    const app = await startApp({ home })
    const menu = await app.menuWhen(shown => shown.get('title')?.label.startsWith('Not running') ?? false)
    expect(menu.get('title')?.label).toContain('The configuration cannot be used')
    expect(menu.get('retry')?.enabled).toBe(true)
  })

  test('gives the memory of a closed window back, and lives on', async () => {
    const app = await startApp()
    const page = await app.openWindow()
    const renderer = z
      .number()
      .parse(
        await app.electron.evaluate(({ BrowserWindow }) =>
          BrowserWindow.getAllWindows()[0]?.webContents.getOSProcessId(),
        ),
      )
    const closed = page.waitForEvent('close')
    await app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.close())
    await closed
    expect(await hasEnded(renderer, 5000)).toBe(true)
    expect(isAlive(app.pid)).toBe(true)
    expect(await (await app.openWindow()).textContent('p')).toBe('It runs')
  })

  test('opens its window where it was', async () => {
    const app = await startApp()
    const closed = (await app.openWindow()).waitForEvent('close')
    const bounds = { x: 120, y: 90, width: 700, height: 560 }
    await app.electron.evaluate(({ BrowserWindow }, wanted) => {
      const [window] = BrowserWindow.getAllWindows()
      window?.setBounds(wanted)
      window?.close()
    }, bounds)
    await closed
    const kept = await until(() => {
      const said = readFileSync(join(app.home, 'app.json'), 'utf8')
      return said.includes('700') ? said : undefined
    })
    expect(JSON.parse(kept)).toEqual({ welcomed: false, bounds })
    expect(statSync(join(app.home, 'app.json')).mode & 0o777).toBe(0o600)
    await app.openWindow()
    expect(
      await app.electron.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.getBounds()),
    ).toEqual(bounds)
  })

  test('leaves no process behind when it quits', async () => {
    const app = await startApp()
    const core = await app.corePid()
    const children = descendantsOf(app.pid)
    expect(children).toContain(core)
    const exited = once(app.electron.process(), 'exit')
    await app.click('quit').catch(() => {})
    expect((await exited)[0]).toBe(0)
    for (const pid of children) expect(await hasEnded(pid, 5000)).toBe(true)
    const log = readFileSync(join(app.home, 'logs', 'mlx-mesh.log'), 'utf8')
    expect(log).toContain('"reason":"the app quits","msg":"the peer stops"')
  })

  test('lets its core end in order when the system goes down', async () => {
    const app = await startApp()
    const core = await app.corePid()
    const exited = once(app.electron.process(), 'exit')
    let said = ''
    app.electron.process().stdout?.on('data', data => {
      said += String(data)
    })
    const goDown = app.electron.evaluate(({ powerMonitor }) => {
      powerMonitor.emit('shutdown', { preventDefault: () => process.stdout.write('it is held up\n') })
    })
    // The app may be gone before it has answered.
    await goDown.catch(() => {})
    expect((await exited)[0]).toBe(0)
    expect(said).toContain('it is held up')
    expect(await hasEnded(core, 5000)).toBe(true)
    const log = readFileSync(join(app.home, 'logs', 'mlx-mesh.log'), 'utf8')
    expect(log).toContain('"reason":"the app quits","msg":"the peer stops"')
  })

  test('leaves no process behind when it is killed', async () => {
    const app = await startApp()
    await app.corePid()
    const children = descendantsOf(app.pid)
    process.kill(app.pid, 'SIGKILL')
    for (const pid of children) expect(await hasEnded(pid, 12_000)).toBe(true)
  })

  test('runs once: a second start opens the window of the first', async () => {
    const first = await startApp({ home: welcomed() })
    await first.corePid()
    const opened = first.electron.waitForEvent('window')
    const second = startApp({ home: first.home }).catch(() => null)
    expect((await opened).url()).toBe('app://mlx-mesh/')
    await second
  })
})
