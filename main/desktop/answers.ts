// What the app does for its page: only what a page cannot do by itself.
import { basename, join } from 'node:path'
import { app, clipboard, dialog, shell } from 'electron'
import type { AppSettings } from '../../preload/bridge.ts'
import type { AppFile } from './app-file.ts'
import { savePeerFile } from './ask-peer.ts'
import type { CoreKeeper } from './keep-core.ts'
import type { Answers } from './open-channels.ts'
import type { Updates } from './updates-port.ts'

export interface AnswersOptions {
  readonly core: CoreKeeper
  readonly updates: Updates
  readonly appFile: AppFile
  readonly dataFolder: string
}

export function makeAnswers({ core, updates, appFile, dataFolder }: AnswersOptions): Answers {
  const settings = (): AppSettings => ({ openAtLogin: opensAtLogin(), welcomed: appFile.kept.welcomed })
  return {
    core: () => core.state(),
    restartCore: () => core.restart(),
    settings,
    changeSettings({ openAtLogin, welcomed }) {
      if (welcomed !== undefined) appFile.keep({ welcomed })
      if (openAtLogin !== undefined) openAppAtLogin(openAtLogin)
      return settings()
    },
    update: () => updates.state(),
    checkForUpdates: () => updates.check(),
    installUpdate: () => updates.install(),
    copyText: text => clipboard.writeText(text),
    async saveDiagnostics() {
      const state = core.state()
      if (state.state !== 'running') throw new Error('MLX Mesh is not running: there is nobody to ask.')
      const chosen = await dialog.showSaveDialog({ defaultPath: suggestedFile() })
      if (chosen.canceled || !chosen.filePath) return null
      await savePeerFile(state.peer, '/api/diagnostics', chosen.filePath)
      return chosen.filePath
    },
    async showDataFolder() {
      const problem = await shell.openPath(dataFolder)
      if (problem !== '') throw new Error(`${basename(dataFolder)} cannot be shown: ${problem}`)
    },
  }
}

/** Only the installed app of a Mac: from a checkout, it would be an Electron without an app that opens. */
const canOpenAtLogin = () => process.platform === 'darwin' && app.isPackaged

function opensAtLogin(): boolean {
  return canOpenAtLogin() && app.getLoginItemSettings().openAtLogin
}

function openAppAtLogin(openAtLogin: boolean): void {
  if (canOpenAtLogin()) app.setLoginItemSettings({ openAtLogin })
}

function suggestedFile(): string {
  const day = new Date().toISOString().slice(0, 10)
  return join(app.getPath('downloads'), `MLX Mesh diagnostics ${day}.zip`)
}
