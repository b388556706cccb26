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
  child.once('spawn', () => key !== null && child.postMessage({ type: 'key', key }))
  const words = keepWords()
  const read = [readLines(readable(child.stdout), onLine), readLines(readable(child.stderr), words.add)]
  // The code that Electron tells of a killed process is any.
  let killed = false
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
      // `child.kill()` is only SIGTERM, which a process that hangs does not hear.
      if (child.pid !== undefined) process.kill(child.pid, 'SIGKILL')
    },
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
