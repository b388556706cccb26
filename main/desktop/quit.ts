// Quitting lets running answers end first, also when the system goes down; a second wish to quit does not wait.
import { app, powerMonitor } from 'electron'
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
  // The types do not say so: its event holds the system up until the app has quit by itself, as Electron asks.
  powerMonitor.on('shutdown', (...given: readonly unknown[]) => {
    const [event] = given
    if (isPreventable(event)) event.preventDefault()
    if (!quitting) app.quit()
  })
  return { isQuitting: () => quitting, ask: () => app.quit() }
}

function isPreventable(event: unknown): event is { preventDefault(): void } {
  return typeof event === 'object' && event !== null && 'preventDefault' in event
}
