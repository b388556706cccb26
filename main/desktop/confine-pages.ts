// What no page of the app may do, whatever runs in it: go elsewhere, open windows, get permissions, save files.
import { app, type Session, session, shell, type WebContents } from 'electron'
import type { Log } from '../telemetry/log.ts'
import { isLinked } from './linked.ts'
import { isOwnPage } from './own-page.ts'

export function confinePages(log: Log): void {
  app.on('web-contents-created', (_event, contents) => confine(contents, log))
  confineSession(session.defaultSession, log)
}

function confine(contents: WebContents, log: Log): void {
  contents.on('will-navigate', (event, url) => {
    if (isOwnPage(url)) return
    event.preventDefault()
    log.warn('a page wanted to go elsewhere', { host: hostOf(url) })
  })
  contents.on('will-redirect', event => event.preventDefault())
  contents.on('will-attach-webview', event => event.preventDefault())
  contents.setWindowOpenHandler(({ url }) => {
    if (isLinked(url)) void shell.openExternal(url)
    else log.warn('a page wanted to open a window', { host: hostOf(url) })
    return { action: 'deny' }
  })
}

function confineSession(pages: Session, log: Log): void {
  pages.setPermissionRequestHandler((_contents, permission, answer) => {
    log.warn('a page asked for a permission', { permission })
    answer(false)
  })
  pages.setPermissionCheckHandler(() => false)
  pages.setDevicePermissionHandler(() => false)
  pages.on('will-download', event => event.preventDefault())
}

function hostOf(url: string): string | null {
  try {
    return new URL(url).host
  } catch {
    return null
  }
}
