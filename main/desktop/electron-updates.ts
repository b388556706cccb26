// Updates of the packaged app, by electron-updater: from the address that the build was given, and held to the hash that
// is written there; macOS compares the signatures besides.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { app } from 'electron'
import type { Log } from '../telemetry/log.ts'
import type { Updater } from './updates.ts'

type Library = typeof import('electron-updater')

/** A text says why there is none. */
export function openElectronUpdater(log: Log): Updater | string {
  if (!app.isPackaged)
    return 'This copy runs from a checkout and is not updated by itself: `git pull` brings a newer one.'
  if (!existsSync(join(process.resourcesPath, 'app-update.yml')))
    return 'This build is not updated by itself: get a newer one from where you got this one.'
  let library: Library | null = null
  return {
    async fetch(onProgress, abort) {
      // The start does without it.
      library ??= prepare(await import('electron-updater'), log)
      try {
        return await fetchUpdate(library, onProgress, abort)
      } catch (error) {
        throw new Error(forReader(error), { cause: error })
      }
    },
    install: () => library?.autoUpdater.quitAndInstall(false, true),
  }
}

function prepare(library: Library, log: Log): Library {
  const { autoUpdater } = library
  autoUpdater.autoDownload = false
  autoUpdater.autoInstallOnAppQuit = true
  // It would send a number that stays the same for ever: nobody needs to know who asks.
  autoUpdater.requestHeaders = { 'x-user-staging-id': 'none' }
  autoUpdater.logger = {
    info: message => log.debug('updates', { message: String(message) }),
    warn: message => log.warn('updates', { message: String(message) }),
    error: message => log.warn('updates', { message: String(message) }),
  }
  // What fails is told to whoever asked; without a listener Node.js would take the event for a bug.
  autoUpdater.on('error', () => undefined)
  return library
}

async function fetchUpdate(
  { autoUpdater, CancellationToken }: Library,
  onProgress: (percent: number) => void,
  abort: AbortSignal,
): Promise<string | null> {
  const found = await untilAborted(autoUpdater.checkForUpdates(), abort)
  if (!found?.isUpdateAvailable) return null
  const token = new CancellationToken()
  const cancel = () => token.cancel()
  const tell = ({ percent }: { readonly percent: number }) => onProgress(percent)
  abort.addEventListener('abort', cancel)
  autoUpdater.on('download-progress', tell)
  try {
    await untilAborted(autoUpdater.downloadUpdate(token), abort)
    return found.updateInfo.version
  } finally {
    abort.removeEventListener('abort', cancel)
    autoUpdater.off('download-progress', tell)
    token.dispose()
  }
}

function untilAborted<T>(promise: Promise<T>, abort: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    abort.addEventListener('abort', () => reject(new Error('it was called off')), { once: true })
    promise.then(resolve, reject)
  })
}

/** By the code that electron-updater gives, or the words of Chromium's network. */
function forReader(error: unknown): string {
  const said = error instanceof Error ? error.message : String(error)
  const code = error instanceof Error && 'code' in error ? error.code : null
  if (code === 'ERR_CHECKSUM_MISMATCH')
    return 'What was downloaded is not what was announced. It was thrown away.'
  if (code === 'ERR_UPDATER_CHANNEL_FILE_NOT_FOUND')
    return 'There is no list of versions where updates come from.'
  if (said.includes('net::ERR_')) return 'The server for updates cannot be reached.'
  return said.split('\n')[0] ?? said
}
