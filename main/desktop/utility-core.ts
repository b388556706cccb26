// The core in a utility process of Electron: it cannot outlive the app, whose end closes the pipe between them.
import { PassThrough, type Readable } from 'node:stream'
import { utilityProcess } from 'electron'
import { readLines } from '../process/lines.ts'
import { coreEnvironment, keepWords, type StartCore } from './core-process.ts'

export const utilityCore: StartCore = ({ program, args, env, key, onLine }) => {
  const child = utilityProcess.fork(program, [...args], {
    serviceName: 'MLX Mesh core',
    stdio: 'pipe',
    env: coreEnvironment(env, key),
  })
  // The code that Electron tells of a killed process is any.
  let killed = false
  child.once('spawn', () => {
    if (killed) endNow(child.pid)
    else if (key !== null) child.postMessage({ type: 'key', key })
  })
  const words = keepWords()
  // Without a listener it would be thrown. The report that comes with it holds the environment, and goes nowhere.
  child.on('error', (type, location) => words.add(`${type} in ${location}`))
  const read = [readLines(readable(child.stdout), onLine), readLines(readable(child.stderr), words.add)]
  const exited = new Promise<number>(resolve => child.once('exit', resolve))
  return {
    exited: exited.then(async code => {
      await Promise.race([Promise.all(read), shortly()])
      return killed
        ? { code: null, reason: 'was killed', words: words.text() }
        : { code, reason: `exited with code ${code}`, words: words.text() }
    }),
    stop: () => child.postMessage({ type: 'stop' }),
    kill: () => {
      killed = true
      endNow(child.pid)
    },
  }
}

/** Electron's own `kill` is only SIGTERM, which a process that hangs does not hear. `pid`: none before its start and after its end. */
function endNow(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(pid, 'SIGKILL')
  } catch {
    // It ended a moment before.
  }
}

/** Electron gives the older interface; its streams carry all of the newer one. */
function readable(stream: NodeJS.ReadableStream | null): Readable {
  const through = new PassThrough()
  stream?.pipe(through)
  stream?.once('close', () => through.end())
  return through
}

/** Some Electrons never close the streams of a utility process that is gone. */
function shortly(): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, 200))
}
