// `npm run dist`: the app for a Mac, as .dmg and .zip in dist/. `--linux-dir`: the same as a folder on Linux, for tests.
import { relative } from 'node:path'
import { configurationHere, withoutEmptySecrets } from './dist/configuration.mjs'
import { packageForLinux, packageForMac } from './dist/package-app.mjs'
import { prepare, root } from './setup/command.mjs'
import { toDist } from './setup/steps.mjs'

const linux = process.argv.includes('--linux-dir')
const wanted = linux ? 'linux' : 'darwin'
if (process.platform !== wanted) {
  const other = linux ? '`npm run dist`' : '`npm run dist:linux-dir`, for tests,'
  console.error(
    `This makes the app for ${linux ? 'Linux on Linux' : 'a Mac on a Mac'}: signing and the .dmg need that system.` +
      `\n\nWhat to do: run it there. Here, ${other} works.`,
  )
  process.exit(1)
}

// electron-builder takes some paths from the folder that it is started in.
process.chdir(root)
withoutEmptySecrets(process.env)
await prepare(toDist(root))
const configuration = await configurationHere(root, process.env)
const made = await (linux ? packageForLinux : packageForMac)({ root, configuration })
console.log(`✓ ${relative(process.cwd(), made)}`)
if (configuration.mac?.identity === '-') {
  console.log(
    'There is no identity "Developer ID Application" on this Mac, so the app is signed ad hoc: on other Macs its',
  )
  console.log('owner has to allow it in System Settings → Privacy & Security.')
}
