// What of the packaging depends on the machine and its environment, on top of electron-builder.yml.
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { electronOf } from '../setup/electron.mjs'
import { runCommand } from '../setup/run-command.mjs'
import { SetUpError } from '../setup/set-up-error.mjs'

/** @typedef {import('electron-builder').Configuration} Configuration */

/** The first Electron that has the fuse; an older one refuses to be told of it. */
const fileFuseSince = 29

/**
 * @param {{ electronDist?: string, electronVersion: string, identity?: '-' | undefined, updatesUrl?: string | undefined }} from
 *   `identity` `-`: there is none, sign ad hoc. Without `updatesUrl` the build never looks for updates.
 * @returns {Configuration}
 */
export function machineConfiguration({ electronDist, electronVersion, identity, updatesUrl }) {
  const hasFileFuse = Number(electronVersion.split('.')[0]) >= fileFuseSince
  return {
    electronVersion,
    ...(electronDist ? { electronDist } : {}),
    ...(hasFileFuse ? { electronFuses: { grantFileProtocolExtraPrivileges: false } } : {}),
    ...(identity ? { mac: adHoc(identity) } : {}),
    // macOS installs an update only over an app with the same identity, so an app without one does not look for any.
    publish: updatesUrl && !identity ? { provider: 'generic', url: updatesUrl } : null,
  }
}

/**
 * What a workflow has no secret for comes as an empty variable, and electron-builder takes that for the path of a certificate.
 * @param {NodeJS.ProcessEnv} env
 */
export function withoutEmptySecrets(env) {
  for (const name of Object.keys(env)) if (/^(CSC|APPLE)_/.test(name) && env[name] === '') delete env[name]
}

/** Apple notarizes nothing without a team's signature. @param {'-'} identity */
function adHoc(identity) {
  const entitlements = 'resources/entitlements.mac.adhoc.plist'
  return { identity, notarize: false, entitlements, entitlementsInherit: entitlements }
}

/**
 * `UPDATES_URL` is where the builds of a publisher lie; without it the app says that it is not updated by itself.
 * @param {string} root @param {NodeJS.ProcessEnv} env
 */
export async function configurationHere(root, env) {
  const updatesUrl = env['UPDATES_URL'] || undefined
  const program = electronOf(root)
  if (program === null)
    throw new SetUpError('There is no Electron here.', 'Run `npm test` once: it fetches one.')
  // On a Mac the program lies deep in an app, which lies where on Linux the program does.
  const onMac = process.platform === 'darwin'
  const electronDist = onMac ? join(root, 'node_modules', 'electron', 'dist') : dirname(program)
  const electronVersion = readFileSync(join(electronDist, 'version'), 'utf8').trim().replace(/^v/, '')
  const identity = onMac ? await identityFor(env) : undefined
  return machineConfiguration({ electronDist, electronVersion, identity, updatesUrl })
}

/**
 * On a Mac with Apple silicon nothing runs unsigned, so a build without an identity is signed ad hoc.
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<'-' | undefined>} undefined: electron-builder finds the identity
 */
async function identityFor(env) {
  if (env['CSC_LINK'] || env['CSC_NAME']) return undefined
  const { output } = await runCommand('security', ['find-identity', '-v', '-p', 'codesigning'])
  return output.includes('Developer ID Application') ? undefined : '-'
}
