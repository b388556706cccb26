// The window: opened when somebody wants to look, and gone with its renderer, and its memory, when it is closed.
import { app, BrowserWindow, screen, type WebContents } from 'electron'
import type { AppFile } from './app-file.ts'
import { enterDock, leaveDock } from './dock.ts'
import { fitBounds, smallest } from './fit-bounds.ts'
import { pageUrl } from './own-page.ts'

export interface DashboardWindow {
  /** Opens it, or brings it to the front. `place`: what to show, as the page names it (`#/settings`). */
  open(place?: string): void
  /** Null while it is closed. */
  contents(): WebContents | null
  close(): void
}

export interface WindowOptions {
  readonly appFile: AppFile
  readonly preload: string
  /** Opened, or closed. */
  readonly onChange: () => void
}

/** A window is moved by many small steps: only where it stays is kept. */
const keepAfterMs = 500
/** Of one window; a page that cannot but crash is left alone. */
const mostCrashes = 3

export function createDashboardWindow({ appFile, preload, onChange }: WindowOptions): DashboardWindow {
  let window: BrowserWindow | null = null

  return {
    open(place = '') {
      if (window === null) {
        window = make()
        enterDock()
        load(window, place)
        onChange()
      } else {
        if (place !== '') load(window, place)
        if (window.isMinimized()) window.restore()
        window.show()
      }
      app.focus({ steal: true })
    },
    contents: () => (window === null || window.isDestroyed() ? null : window.webContents),
    close: () => window?.destroy(),
  }

  function make(): BrowserWindow {
    const areas = screen.getAllDisplays().map(({ workArea }) => workArea)
    const made = new BrowserWindow({
      ...fitBounds(appFile.kept.bounds, areas),
      minWidth: smallest.width,
      minHeight: smallest.height,
      title: 'MLX Mesh',
      show: false,
      webPreferences: {
        preload,
        sandbox: true,
        contextIsolation: true,
        nodeIntegration: false,
        webSecurity: true,
        webviewTag: false,
        devTools: !app.isPackaged,
        spellcheck: false,
      },
    })
    made.once('ready-to-show', () => made.show())
    keepBounds(made)
    made.on('closed', () => {
      window = null
      leaveDock()
      onChange()
    })
    // A renderer that dies takes nothing with it; without a new one, the window would stay blank.
    let crashes = 0
    made.webContents.on('render-process-gone', () => {
      crashes++
      // Not within the event: Electron is still taking the old one away.
      if (crashes <= mostCrashes) setImmediate(() => !made.isDestroyed() && made.webContents.reload())
    })
    return made
  }

  function keepBounds(made: BrowserWindow): void {
    let timer: NodeJS.Timeout | null = null
    const keep = () => appFile.keep({ bounds: made.getNormalBounds() })
    const later = () => {
      if (timer) clearTimeout(timer)
      timer = setTimeout(keep, keepAfterMs)
    }
    made.on('resize', later)
    made.on('move', later)
    made.on('close', () => {
      if (timer) clearTimeout(timer)
      keep()
    })
    made.on('closed', () => {
      if (timer) clearTimeout(timer)
    })
  }

  function load(made: BrowserWindow, place: string): void {
    // A page that cannot be loaded shows Chromium's own error; a navigation that another one overtakes is no failure.
    made.loadURL(pageUrl + place).catch(() => {})
  }
}
