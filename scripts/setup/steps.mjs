// What each command needs, in the order in which it can be made.
import { pythonPackage } from '../dist/python-package.mjs'
import { standalonePython } from '../dist/standalone-python.mjs'
import { appBundle } from './app-bundle.mjs'
import { electron } from './electron.mjs'
import { embeddingModel } from './embedding-model.mjs'
import { natsServer } from './nats-server.mjs'
import { nodeModules } from './node-modules.mjs'
import { page } from './page.mjs'
import { pythonClients } from './python-clients.mjs'
import { pythonEnvironment } from './python-environment.mjs'
import { pythonTools } from './python-tools.mjs'
import { starterModel } from './starter-model.mjs'
import { systemPackages } from './system-packages.mjs'
import { tinyModel } from './tiny-model.mjs'
import { tinyVisionModel } from './tiny-vision-model.mjs'
import { visionLayer } from './vision-layer.mjs'

/** @param {string} root */
export const toStart = root => [
  nodeModules(root),
  pythonEnvironment(root),
  natsServer(root),
  starterModel(root),
  page(root),
]

/** @param {string} root */
export const toTest = root => [
  ...toStart(root),
  tinyModel(root),
  embeddingModel(root),
  visionLayer(root),
  tinyVisionModel(root),
  pythonTools(root),
  pythonClients(root),
  systemPackages(),
  electron(root),
  appBundle(root),
]

/** The app, from the checkout. @param {string} root */
export const toOpenApp = root => [...toStart(root), electron(root), appBundle(root)]

/** The packaged app; on Linux it takes the Python of the checkout. @param {string} root */
export const toDist = root => [
  ...toStart(root),
  appBundle(root),
  electron(root),
  ...(process.platform === 'darwin' ? [standalonePython(root), pythonPackage(root)] : []),
]

/** @param {string} root */
export const toCheck = root => [nodeModules(root), pythonEnvironment(root), pythonTools(root)]
