import { powerSaveBlocker } from 'electron'

/** Keeps the app from being put to sleep while this Mac works for others, and only then; the screen may go dark. */
export function keepAwake(): (wanted: boolean) => void {
  let blocker: number | null = null
  return wanted => {
    if (wanted === (blocker !== null)) return
    if (blocker === null) blocker = powerSaveBlocker.start('prevent-app-suspension')
    else {
      powerSaveBlocker.stop(blocker)
      blocker = null
    }
  }
}
