// The folder that becomes the app's archive: the bundles, and a package.json that says no more than Electron asks for.
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const bundles = ['main.cjs', 'core.cjs', 'preload.cjs']

/** @param {string} root @param {string} stage a folder that is not there yet */
export function stageApp(root, stage) {
  mkdirSync(stage, { recursive: true })
  for (const bundle of bundles) cpSync(join(root, 'resources', 'runtime', 'app', bundle), join(stage, bundle))
  const { name, version, description, license } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const author = 'MLX Mesh'
  const manifest = { name, productName: author, version, description, license, author, main: 'main.cjs' }
  writeFileSync(join(stage, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`)
}
