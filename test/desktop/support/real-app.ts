// The app in a real Electron, with a data folder of its own and a core with the scripted engine.
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { _electron, type ElectronApplication, type Page } from 'playwright-core'
import { onTestFinished } from 'vitest'
import { readRunFile } from '../../../main/client/run-file.ts'
import { electronOf } from '../../../scripts/setup/electron.mjs'
import { makeTempFolder } from '../../support/temp-folder.ts'
import { noDisplay, openDisplay } from './display.ts'

const root = resolve(import.meta.dirname, '..', '..', '..')
const electron = electronOf(root)

/** Why the app cannot be tried here; false when it can. */
export const noApp: string | false = electron === null ? 'there is no Electron on this machine' : noDisplay

/** For the titles of tests: where they are skipped, the report says why. */
export const whyNoApp = noApp ? ` (${noApp})` : ''

/**
 * Electron 22, which stands in where no newer one can be had, dies of its own now and then when a window closes (a fault of
 * memory inside `electron` or Mesa's GLX, in the kernel's log). What fails twice in a row is ours.
 */
export const oldElectron = { retry: 1 }

export interface RealApp {
  readonly electron: ElectronApplication
  readonly home: string
  /** Of Electron's main process. */
  readonly pid: number
  /** Of the core that serves now; waits until there is one other than `than`. */
  corePid(than?: number): Promise<number>
  peerUrl(): Promise<string>
  /** What the application's menu says of the mesh: id → entry. */
  menu(): Promise<ReadonlyMap<string, ShownEntry>>
  /** Waits until the menu is so. */
  menuWhen(isSo: (menu: ReadonlyMap<string, ShownEntry>) => boolean): Promise<ReadonlyMap<string, ShownEntry>>
  /** Clicks an entry as a person does. */
  click(id: string): Promise<void>
  /** Opens the window by the menu, and waits for its page. */
  openWindow(): Promise<Page>
  log(): string
}

interface ShownEntry {
  readonly label: string
  readonly enabled: boolean
  readonly checked: boolean
}

export interface AppOptions {
  readonly home?: string
  readonly env?: Readonly<Record<string, string>>
  /** A small peer in place of the core; its mesh is `a-mesh.ts`. */
  readonly fakeCore?: boolean
  /** The dashboard itself, in place of a small page. */
  readonly realPage?: boolean
}

const fakeCoreProgram = resolve(import.meta.dirname, '..', 'fixtures', 'fake-core')
const waitMs = 20_000

/** Call before any other hook of the test that needs the app gone. */
export async function startApp({
  home = makeTempFolder(),
  env = {},
  fakeCore = false,
  realPage = false,
}: AppOptions = {}): Promise<RealApp> {
  if (electron === null) throw new Error('there is no Electron')
  const display = await openDisplay()
  onTestFinished(display.close)
  const application = await _electron.launch({
    executablePath: electron,
    args: [
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      join(root, 'resources', 'runtime', 'app', 'main.cjs'),
      '--',
      ...['--engine', 'scripted'],
    ],
    env: {
      ...plainEnvironment(),
      ...(display.name === null ? {} : { DISPLAY: display.name }),
      MLX_MESH_HOME: home,
      MLX_MESH_MODE: 'standalone',
      MLX_MESH_CONTROLLER_PORT: '0',
      ...(realPage ? {} : { MLX_MESH_PAGE: makePage() }),
      ...(fakeCore ? { MLX_MESH_CORE_NODE: fakeCoreProgram, MLX_MESH_TEST_NODE: process.execPath } : {}),
      ...env,
    },
  })
  const child = application.process()
  onTestFinished(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill('SIGKILL')
    await once(child, 'exit')
  })
  const menu = () => readMenu(application)
  return {
    electron: application,
    home,
    pid: child.pid ?? Number.NaN,
    corePid: than => until(() => corePidOf(home, than)),
    peerUrl: () => until(() => readRunFile(home)?.url),
    menu,
    menuWhen: isSo =>
      until(async () => {
        const shown = await menu()
        return isSo(shown) ? shown : undefined
      }),
    click: id =>
      application.evaluate(({ Menu }, wanted) => {
        const item = Menu.getApplicationMenu()?.getMenuItemById(wanted)
        if (!item) throw new Error(`the menu has no entry ${wanted}`)
        item.click()
      }, id),
    openWindow: async () => {
      const [open] = application.windows()
      const page = open ?? (await newWindow(application))
      await page.waitForLoadState('load')
      return page
    },
    log: () => readFileSync(join(home, 'logs', 'app.log'), 'utf8'),
  }
}

/** Asks again and again until there is an answer. */
export async function until<T>(look: () => Promise<T | undefined> | T | undefined): Promise<T> {
  const endMs = Date.now() + waitMs
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    if (Date.now() > endMs) throw new Error(`not within ${waitMs} ms: ${look}`)
    await new Promise(resolve => setTimeout(resolve, 50))
  }
}

async function newWindow(application: ElectronApplication): Promise<Page> {
  const opened = application.waitForEvent('window')
  await application.evaluate(({ Menu }) =>
    Menu.getApplicationMenu()?.getMenuItemById('open-dashboard')?.click(),
  )
  return opened
}

async function readMenu(application: ElectronApplication): Promise<ReadonlyMap<string, ShownEntry>> {
  const entries = await application.evaluate(({ Menu }) => {
    const flat = (items: readonly Electron.MenuItem[]): [string, ShownEntry][] =>
      items
        .filter(({ type }) => type !== 'separator')
        .flatMap(({ id, label, enabled, checked, submenu }) => [
          [id, { label, enabled, checked }],
          ...flat(submenu?.items ?? []),
        ])
    return flat(Menu.getApplicationMenu()?.getMenuItemById('mesh')?.submenu?.items ?? [])
  })
  return new Map(entries)
}

function corePidOf(home: string, than: number | undefined): number | undefined {
  const pid = readRunFile(home)?.pid
  return pid === than ? undefined : pid
}

/** A page that says whether its script ran; its own tests look at the real one. */
function makePage(): string {
  const folder = makeTempFolder()
  writeFileSync(
    join(folder, 'index.html'),
    '<!doctype html><title>Test</title><p>Not run</p><script src="page.js"></script>',
  )
  writeFileSync(join(folder, 'page.js'), "document.querySelector('p').textContent = 'It runs'")
  return folder
}

/** Not what this test's own runner was told. */
function plainEnvironment(): Record<string, string> {
  const kept = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'DISPLAY', 'XDG_RUNTIME_DIR']
  return Object.fromEntries(
    kept.flatMap(name => {
      const value = process.env[name]
      return value === undefined ? [] : [[name, value]]
    }),
  )
}
