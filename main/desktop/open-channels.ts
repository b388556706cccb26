// Opens the channels that the page's side may ask: only our own page, in the top frame of our own window, and only with
// arguments that the table allows.
import { type IpcMainInvokeEvent, ipcMain, type WebContents } from 'electron'
import { type Arguments, type Channel, channels, type Result } from '../../preload/channels.ts'
import { channelPrefix, type Tidings } from '../../preload/wires.ts'
import type { Log } from '../telemetry/log.ts'
import { isOwnPage } from './own-page.ts'

export type Answers = {
  readonly [C in Channel]: (...args: Arguments<C>) => Promise<Result<C>> | Result<C>
}

export interface ChannelOptions {
  readonly answers: Answers
  /** The page of our window; null while none is open. */
  readonly window: () => WebContents | null
  readonly log: Log
}

export interface Channels {
  /** Tells the page, when there is one. */
  tell<T extends keyof Tidings>(name: T, told: Tidings[T]): void
}

export function openChannels({ answers, window, log }: ChannelOptions): Channels {
  open('core')
  open('restartCore')
  open('settings')
  open('changeSettings')
  open('update')
  open('checkForUpdates')
  open('installUpdate')
  open('copyText')
  open('saveDiagnostics')
  open('showDataFolder')
  return {
    tell: (name, told) => window()?.send(channelPrefix + name, told),
  }

  function open<C extends Channel>(channel: C): void {
    const { args, result } = channels[channel]
    ipcMain.handle(channelPrefix + channel, async (event, ...given: unknown[]) => {
      if (!isOurs(event)) {
        log.warn('a page that is not ours asked the app', { channel, url: event.senderFrame?.url })
        throw new Error('this page may not ask the app')
      }
      const read = args.safeParse(given)
      if (!read.success) {
        log.warn('the page asked the app with wrong arguments', { channel })
        throw new Error(`${channel} takes other arguments`)
      }
      return result.parse(await answers[channel](...read.data))
    })
  }

  function isOurs({ sender, senderFrame }: IpcMainInvokeEvent): boolean {
    const ours = window()
    if (ours === null || sender.id !== ours.id || senderFrame === null) return false
    const { routingId, processId } = ours.mainFrame
    const isTop = senderFrame.routingId === routingId && senderFrame.processId === processId
    return isTop && isOwnPage(senderFrame.url)
  }
}
