// Door 1: the Electron app: an icon in the menu bar, a window when somebody wants to look, and the core beside it.
import { join } from 'node:path'
import { app, dialog, powerMonitor, safeStorage } from 'electron'
import { readAppToken } from './config/app-token.ts'
import { dataPaths, findDataFolder, makeDataFolder } from './config/data-folder.ts'
import { loadConfig } from './config/load-config.ts'
import { parts } from './config/parts.ts'
import { makeAnswers } from './desktop/answers.ts'
import { openAppFile } from './desktop/app-file.ts'
import { type AppLog, openAppLog } from './desktop/app-log.ts'
import { probePeer } from './desktop/ask-peer.ts'
import { chooseCore } from './desktop/choose-core.ts'
import { confinePages } from './desktop/confine-pages.ts'
import { createDashboardWindow } from './desktop/dashboard-window.ts'
import { leaveDock } from './desktop/dock.ts'
import { openElectronUpdater } from './desktop/electron-updates.ts'
import { followMesh } from './desktop/follow-mesh.ts'
import { keepAwake } from './desktop/keep-awake.ts'
import { keepCore } from './desktop/keep-core.ts'
import { isSharing, type MenuSituation } from './desktop/menu-entries.ts'
import { openMenus } from './desktop/menus.ts'
import { readMeshKey } from './desktop/mesh-key.ts'
import { createObey } from './desktop/obey.ts'
import { openChannels } from './desktop/open-channels.ts'
import { watchQuit } from './desktop/quit.ts'
import { registerPageScheme, servePage } from './desktop/serve-page.ts'
import { keepUpdated } from './desktop/updates.ts'
import { realClock } from './protocol/clock.ts'

const dataFolder = findDataFolder()
const { appFile: keptFile, appLogFile, meshKeyFile } = dataPaths(dataFolder)
app.setName('MLX Mesh')
try {
  makeDataFolder(dataFolder)
  // Chromium's own files; with them each data folder is an app of its own, which runs once.
  app.setPath('userData', join(dataFolder, 'window'))
  if (app.requestSingleInstanceLock()) begin()
  else app.exit(0)
} catch (error) {
  void app.whenReady().then(() => giveUp(error, null))
}

function begin(): void {
  const log = openAppLog(appLogFile)
  surviveErrors(log)
  registerPageScheme()
  leaveDock()
  // The app lives in the menu bar.
  app.on('window-all-closed', () => {})
  app
    .whenReady()
    .then(() => run(log))
    .catch(error => giveUp(error, log))
}

/** Without an icon and a core nobody could even quit it. */
function giveUp(error: unknown, log: AppLog | null): void {
  log?.error('the app could not start', { error })
  log?.flushNow()
  const reason = error instanceof Error ? error.message : String(error)
  process.stderr.write(`MLX Mesh cannot start: ${reason}\n`)
  dialog.showErrorBox('MLX Mesh cannot start', reason)
  app.exit(1)
}

function run(log: AppLog): void {
  const clock = realClock
  const appFile = openAppFile(keptFile)
  const updates = keepUpdated({ updater: openElectronUpdater(log), automatic: wantsUpdates, clock, log })
  const key = app.isPackaged ? readMeshKey(meshKeyFile, safeStorage, log) : null
  const start = chooseCore({ env: process.env, nodeVersion: process.versions.node, checkoutNode: parts.node })
  const token = () => readAppToken(dataFolder)
  const core = keepCore({
    start: onLine =>
      start({
        program: join(import.meta.dirname, 'core.cjs'),
        args: ['serve', '--json', ...argumentsForCore()],
        env: process.env,
        key,
        onLine,
      }),
    token,
    probe: probePeer,
    clock,
    log,
  })
  const peerUrl = () => {
    const state = core.state()
    return state.state === 'running' ? state.peer.url : null
  }
  const mesh = followMesh({ token, onChange: show, clock, log })
  const window = createDashboardWindow({
    appFile,
    preload: join(import.meta.dirname, 'preload.cjs'),
    onChange: show,
  })
  const quit = watchQuit(core, () => {
    window.close()
    show()
  })
  const obey = createObey({ core, mesh: mesh.state, window, updates, quit: quit.ask, log })
  const menus = openMenus({ icons: parts.icons, obey })
  const answers = makeAnswers({ core, updates, appFile, dataFolder })
  const channels = openChannels({ answers, window: window.contents, log })
  const stayAwake = keepAwake()
  confinePages(log)
  servePage(pageFolder(), peerUrl)

  core.onState(state => {
    mesh.follow(peerUrl())
    channels.tell('core-state', state)
    show()
  })
  updates.onState(state => {
    channels.tell('update-state', state)
    show()
  })
  powerMonitor.on('resume', mesh.refresh)
  app.on('second-instance', look)
  app.on('activate', look)
  app.on('will-quit', () => {
    updates.close()
    mesh.close()
    log.flushNow()
  })
  show()
  process.stdout.write('MLX Mesh is in the menu bar.\n')
  log.info('the app is in the menu bar', { afterMs: Date.now() - (process.getCreationTime() ?? Date.now()) })
  if (!appFile.kept.welcomed) window.open()

  /** Not while it is about to end: a new window would show what goes away. */
  function look(): void {
    if (!quit.isQuitting()) window.open()
  }

  function show(): void {
    const situation: MenuSituation = {
      core: core.state(),
      mesh: mesh.state(),
      update: updates.state(),
      quitting: quit.isQuitting(),
    }
    menus.show(situation)
    stayAwake(isSharing(situation))
  }
}

/** Whoever works on the page may bring another one to the app of a checkout. */
function pageFolder(): string {
  const other = process.env['MLX_MESH_PAGE']
  return other && !app.isPackaged ? other : parts.page
}

/** A configuration that cannot be used is shown by the core; until somebody mends it, nothing is looked for. */
function wantsUpdates(): boolean {
  try {
    return loadConfig().config.updates.automatic
  } catch {
    return false
  }
}

/** What stands behind `--` on the app's own command line. */
function argumentsForCore(): string[] {
  const end = process.argv.indexOf('--')
  return end < 0 ? [] : process.argv.slice(end + 1)
}

/** By default Electron stops everything behind a dialog; what goes on here is only the shell of what serves. */
function surviveErrors(log: AppLog): void {
  const note = (error: unknown) => {
    log.error('an error that nobody caught', { error })
    log.flushNow()
  }
  process.on('uncaughtException', note)
  process.on('unhandledRejection', note)
}
