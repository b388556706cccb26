// Quitting lets running answers end first; a second wish to quit does not wait.
import { app } from 'electron'
import type { CoreKeeper } from './keep-core.ts'

export interface Quit {
  isQuitting(): boolean
  ask(): void
}

/** `onBegin`: once, when it begins. */
export function watchQuit(core: CoreKeeper, onBegin: () => void): Quit {
  let quitting = false
  let stopped = false

  app.on('before-quit', event => {
    if (stopped) return
    event.preventDefault()
    if (quitting) {
      core.kill()
      return
    }
    quitting = true
    onBegin()
    void core.stop().then(() => {
      stopped = true
      app.quit()
    })
  })
  return { isQuitting: () => quitting, ask: () => app.quit() }
}
