import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** A new folder with a space in its name, gone after the test. */
export function makeTempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'mlx mesh '))
  // A process that a test has killed a moment ago may have children that still write.
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  return folder
}

/** Why no small disk can be made on this machine; false when it can. */
export const noSmallDisk: string | false =
  process.platform === 'linux' && process.getuid?.() === 0
    ? mountRefused()
    : 'it takes root on Linux to mount a small disk'

/** A file system of 1 MB that really fills up, gone after the test. */
export function makeSmallDisk(): string {
  const folder = makeTempFolder()
  mount(folder)
  onTestFinished(() => unmount(folder))
  return folder
}

function mount(folder: string): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder], { stdio: 'pipe' })
}

function unmount(folder: string): void {
  execFileSync('umount', ['-l', folder], { stdio: 'pipe' })
}

/** Containers often let root do less. */
function mountRefused(): string | false {
  const folder = mkdtempSync(join(tmpdir(), 'mlx-mesh-mount-'))
  try {
    mount(folder)
    unmount(folder)
    return false
  } catch (error) {
    return `a small disk cannot be mounted here: ${error instanceof Error ? error.message : String(error)}`
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
