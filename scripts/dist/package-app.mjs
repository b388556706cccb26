// Runs electron-builder on what set-up has made, and looks at the result before anybody gets it.
import { copyFileSync, existsSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Arch, build, Platform } from 'electron-builder'
import { environmentOf } from '../setup/python-environment.mjs'
import { npmParts, otherParts, pythonParts, sitePackagesOf, writeNotices } from './notices.mjs'
import { wrongFuses } from './read-fuses.mjs'
import { stageApp } from './stage.mjs'
import { standaloneOf } from './standalone-python.mjs'

/**
 * @typedef {object} Options
 * @property {string} root the checkout
 * @property {string} [output] where the result goes; what lies there is removed
 * @property {import('electron-builder').Configuration} configuration
 */

/** @param {Options} options @returns {Promise<string>} the folder with the program `mlx-mesh` */
export async function packageForLinux({ root, output = join(root, 'dist'), configuration }) {
  const targets = Platform.LINUX.createTarget('dir', Arch.x64)
  await run({ root, output, configuration, targets, python: environmentOf(root) })
  const folder = join(output, 'linux-unpacked')
  await refuseWrongFuses(join(folder, 'mlx-mesh'), output)
  return folder
}

/**
 * @param {Options & { python?: string, only?: 'dir' }} options `python`: whose packages get their thanks; `only`: without
 *   a .dmg and a .zip beside the folder of the app
 * @returns {Promise<string>} the `.app`
 */
export async function packageForMac({ root, output = join(root, 'dist'), configuration, python, only }) {
  const targets = Platform.MAC.createTarget(only, Arch.arm64)
  await run({ root, output, configuration, targets, python: python ?? standaloneOf(root) })
  const app = join(output, 'mac-arm64', 'MLX Mesh.app')
  await refuseWrongFuses(app, output)
  return app
}

/** @param {Required<Options> & { targets: ReturnType<Platform['createTarget']>, python: string }} options */
async function run({ root, output, configuration, targets, python }) {
  rmSync(output, { recursive: true, force: true })
  const stage = join(output, 'stage')
  stageApp(root, stage)
  const parts = [...npmParts(root), ...pythonParts(sitePackagesOf(python)), ...otherParts(root)]
  await build({
    projectDir: root,
    targets,
    publish: 'never',
    config: {
      ...configuration,
      directories: { app: stage, output },
      // Everything is in the bundles; otherwise electron-builder would add the node_modules of the checkout.
      beforeBuild: async () => false,
      afterPack({ packager, appOutDir }) {
        const resources = packager.getResourcesDir(appOutDir)
        rmSync(join(resources, 'default_app.asar'), { force: true })
        writeFileSync(join(resources, 'THIRD-PARTY-NOTICES.txt'), writeNotices(parts))
        keepChromiumLicences(configuration.electronDist, resources)
        return Promise.resolve()
      },
    },
  })
  rmSync(stage, { recursive: true })
}

/**
 * Electron brings them beside its program; of a Mac's app only what is inside counts.
 * @param {unknown} electronDist @param {string} resources
 */
function keepChromiumLicences(electronDist, resources) {
  const name = 'LICENSES.chromium.html'
  const file = join(String(electronDist), name)
  if (existsSync(file)) copyFileSync(file, join(resources, name))
}

/** @param {string} program @param {string} spoiled */
async function refuseWrongFuses(program, spoiled) {
  const wrong = await wrongFuses(program)
  if (wrong.length === 0) return
  rmSync(spoiled, { recursive: true, force: true })
  throw new Error(`The packaged app is not safe to give away: ${wrong.join(', ')}. It was removed.`)
}
