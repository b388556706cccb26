import { existsSync } from 'node:fs'

const programs = [
  '/usr/bin/chromium',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
]

/** Undefined where this machine has none. */
export const chromiumProgram = programs.find(each => existsSync(each))
/** A machine without a graphics card draws by its processor, and the tests' user may be root. */
export const chromiumArguments = ['--no-sandbox', '--disable-gpu']
