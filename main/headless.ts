// Door 2: plain Node.js, without a window. No top-level await: the app's bundle of this door is CommonJS.
import { runCommandLine } from './cli/run.ts'

void runCommandLine(process.argv.slice(2)).then(exitCode => {
  process.exitCode = exitCode
  // A utility process of the app does not end when there is nothing left to do.
  if ('parentPort' in process && process.parentPort) process.exit()
  // Whatever a failed start left open must not keep the process.
  setTimeout(() => process.exit(), 1000).unref()
})
