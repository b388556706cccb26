// Appends lines to a file and starts a new one when it has grown: name, name.1 … name.N, the oldest goes.
// Trouble with the disk never reaches the writer: lines wait in bounded memory and the disk is tried again.
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { type FileHandle, mkdir, open, rename } from 'node:fs/promises'
import { dirname } from 'node:path'

export interface RotatedFile {
  write(line: string): void
  /** Writes what waits before returning; for the last words of a process. */
  flushNow(): void
  close(): Promise<void>
  /** Failed writes, and lines that found no room in memory meanwhile. */
  readonly failures: number
  readonly lostLines: number
}

export interface RotatedFileOptions {
  readonly path: string
  readonly maxBytes?: number
  /** Older files that are kept beside the current one. */
  readonly keep?: number
  readonly flushMs?: number
  readonly retryMs?: number
  readonly maxWaitingBytes?: number
  /** Called at the first failure, and again at the first one after a recovery. */
  readonly onTrouble: (error: Error) => void
}

export function openRotatedFile(options: RotatedFileOptions): RotatedFile {
  const { path, maxBytes = 10 * 2 ** 20, keep = 4, flushMs = 100, retryMs = 5000 } = options
  const { maxWaitingBytes = 4 * 2 ** 20 } = options
  let waiting: string[] = []
  let waitingBytes = 0
  let file: { handle: FileHandle; sizeBytes: number } | null = null
  let writing: Promise<void> | null = null
  let timer: NodeJS.Timeout | null = null
  let troubled = false
  let failures = 0
  let lostLines = 0

  return {
    write,
    flushNow,
    async close() {
      await writing
      await flush()
      if (timer) clearTimeout(timer)
      await file?.handle.close().catch(() => {})
      file = null
    },
    get failures() {
      return failures
    },
    get lostLines() {
      return lostLines
    },
  }

  function write(line: string): void {
    if (waitingBytes + line.length > maxWaitingBytes) {
      lostLines++
      return
    }
    waiting.push(line)
    waitingBytes += line.length
    schedule(troubled ? retryMs : flushMs)
  }

  function schedule(delayMs: number): void {
    timer ??= setTimeout(() => {
      timer = null
      void flush()
    }, delayMs).unref()
  }

  function flush(): Promise<void> {
    writing ??= append().finally(() => {
      writing = null
      if (waiting.length > 0) schedule(troubled ? retryMs : flushMs)
    })
    return writing
  }

  async function append(): Promise<void> {
    const lines = waiting
    if (lines.length === 0) return
    const bytes = Buffer.from(lines.join(''))
    waiting = []
    waitingBytes = 0
    try {
      file ??= await openFile()
      if (file.sizeBytes > 0 && file.sizeBytes + bytes.length > maxBytes) file = await rotate(file.handle)
      await file.handle.appendFile(bytes)
      file.sizeBytes += bytes.length
      troubled = false
    } catch (error) {
      waiting = [...lines, ...waiting]
      waitingBytes += bytes.length
      await giveUp(error instanceof Error ? error : new Error(String(error)))
    }
  }

  async function giveUp(error: Error): Promise<void> {
    failures++
    // Half a line may have been written: cut it off, it comes again as a whole.
    await file?.handle.truncate(file.sizeBytes).catch(() => {})
    await file?.handle.close().catch(() => {})
    file = null
    if (troubled) return
    troubled = true
    options.onTrouble(error)
  }

  async function openFile(): Promise<{ handle: FileHandle; sizeBytes: number }> {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    const handle = await open(path, 'a', 0o600)
    return { handle, sizeBytes: (await handle.stat()).size }
  }

  async function rotate(handle: FileHandle): Promise<{ handle: FileHandle; sizeBytes: number }> {
    await handle.close()
    file = null
    for (let age = keep; age > 0; age--) {
      await rename(age === 1 ? path : `${path}.${age - 1}`, `${path}.${age}`).catch(ignoreMissing)
    }
    return openFile()
  }

  function flushNow(): void {
    try {
      mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
      const descriptor = openSync(path, 'a', 0o600)
      writeSync(descriptor, waiting.join(''))
      closeSync(descriptor)
      waiting = []
      waitingBytes = 0
    } catch {
      failures++
    }
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error
}
