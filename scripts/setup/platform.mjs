// Which machines the pinned parts exist for.
import { SetUpError } from './set-up-error.mjs'

const supported = ['darwin-arm64', 'linux-x64']

export function checkPlatform(platform = process.platform, arch = process.arch) {
  if (supported.includes(`${platform}-${arch}`)) return
  const rosetta = platform === 'darwin' && arch === 'x64'
  throw new SetUpError(
    `MLX Mesh runs on Macs with Apple silicon and on Linux x86-64; this Node.js says ${platform}-${arch}.`,
    rosetta
      ? 'On a Mac with Apple silicon, install the arm64 build of Node.js: this one is for Intel.'
      : 'Use one of those machines; any device can then talk to its endpoint.',
  )
}
