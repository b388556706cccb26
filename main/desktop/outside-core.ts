// The core on a Node.js of its own, where Electron's is too old for it.
import { join } from 'node:path'
import { startChild } from '../process/child.ts'
import { readLines } from '../process/lines.ts'
import { coreEnvironment, keepWords, type StartCore } from './core-process.ts'

/** As `npm start` runs it: without warnings of what we build on, and with little memory for what is young. */
const nodeFlags = ['--disable-warning=ExperimentalWarning', '--max-semi-space-size=8']

/** `node`: a Node.js 24. The process cannot outlive this one: a guard ends it, within 5 s, when this one is gone. */
export function outsideCore(node: string): StartCore {
  return ({ program, args, env, key, onLine }) => {
    const child = startChild({
      command: node,
      args: [...nodeFlags, outsideArchive(program), ...args],
      env: coreEnvironment(env, key),
      guarded: true,
      channel: true,
    })
    if (key !== null) child.send({ type: 'key', key })
    const words = keepWords()
    const read = [readLines(child.stdout, onLine), readLines(child.stderr, words.add)]
    return {
      exited: child.exited.then(async ({ code, reason }) => {
        await Promise.all(read)
        return { code, reason, words: words.text() }
      }),
      stop: () => void child.send({ type: 'stop' }),
      kill: () => void child.signal('SIGKILL'),
    }
  }
}

/** A plain Node.js cannot read archives: where one is needed, the packaged app carries the core beside its own, too. */
function outsideArchive(program: string): string {
  return program.replace(/app\.asar(?=[/\\][^/\\]+$)/, join('runtime', 'app'))
}
