// What tests of the app and of the dashboard need of a Linux system: a display in memory, a browser, Electron's libraries.
import { existsSync } from 'node:fs'
import { runCommand } from './run-command.mjs'

const needed = [
  { name: 'xvfb', proof: ['/usr/bin/Xvfb'] },
  { name: 'chromium', proof: ['/usr/bin/chromium'] },
  { name: 'libgtk-3-0', proof: ['/usr/lib/x86_64-linux-gnu/libgtk-3.so.0', '/usr/lib64/libgtk-3.so.0'] },
  { name: 'libnss3', proof: ['/usr/lib/x86_64-linux-gnu/libnss3.so', '/usr/lib64/libnss3.so'] },
]

/**
 * Installs them as root on Debian. Anywhere else it names them and goes on: the tests that need them are skipped then.
 * @returns {import('./step.mjs').Step}
 */
export function systemPackages() {
  return {
    name: 'System packages for tests',
    folder: '/usr',
    proof: 'bin',
    inputs: () => [],
    found: () => process.platform !== 'linux' || missing().length === 0,
    async make(_folder, report) {
      const names = missing()
      if (process.getuid?.() === 0 && existsSync('/usr/bin/apt-get')) await install(names, report)
      const still = missing()
      if (still.length > 0) console.error(notice(still))
    },
  }
}

function missing() {
  return needed.filter(({ proof }) => !proof.some(file => existsSync(file))).map(({ name }) => name)
}

/** @param {string[]} names @param {(line: string) => void} report */
async function install(names, report) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  const args = ['install', '-y', '--no-install-recommends', ...names]
  if ((await runCommand('apt-get', args, { env, onLine: report })).ok) return
  // The lists of a fresh container are empty or old.
  await runCommand('apt-get', ['update'], { env, onLine: report })
  await runCommand('apt-get', args, { env, onLine: report })
}

/** @param {string[]} names */
function notice(names) {
  const list = names.join(' ')
  return `Not on this system: ${list}. Tests of the app and of its pages are skipped; as root: apt-get install ${list}`
}
