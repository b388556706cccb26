// The Dock of a Mac shows the app while a window is open; otherwise it lives in the menu bar alone.
import { app } from 'electron'

export function enterDock(): void {
  void app.dock?.show()
}

/** Not by `app.dock.hide()`, which does nothing within a second of `show`, and on macOS 26 is said to do nothing at all. */
export function leaveDock(): void {
  if (process.platform === 'darwin') app.setActivationPolicy('accessory')
}
