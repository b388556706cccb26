// Door 2: plain Node.js, without a window.
import { runCommandLine } from './cli/run.ts'

process.exitCode = await runCommandLine(process.argv.slice(2))
// Whatever a failed start left open must not keep the process.
setTimeout(() => process.exit(), 1000).unref()
