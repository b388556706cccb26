// Fuses as they are in the packed program: a step of packaging that fails at them leaves an app that looks the same.
import { FuseV1Options, getCurrentFuseWire } from '@electron/fuses'

/** How the wire writes it, in ASCII. */
const state = { on: 0x31, off: 0x30 }

const wanted = /** @type {const} */ ([
  [FuseV1Options.RunAsNode, 'runAsNode', false],
  [FuseV1Options.EnableCookieEncryption, 'enableCookieEncryption', true],
  [FuseV1Options.EnableNodeOptionsEnvironmentVariable, 'enableNodeOptionsEnvironmentVariable', false],
  [FuseV1Options.EnableNodeCliInspectArguments, 'enableNodeCliInspectArguments', false],
  [FuseV1Options.EnableEmbeddedAsarIntegrityValidation, 'enableEmbeddedAsarIntegrityValidation', true],
  [FuseV1Options.OnlyLoadAppFromAsar, 'onlyLoadAppFromAsar', true],
  [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot, 'loadBrowserProcessSpecificV8Snapshot', false],
  [FuseV1Options.GrantFileProtocolExtraPrivileges, 'grantFileProtocolExtraPrivileges', false],
])

/**
 * @param {string} program an executable, or the .app around it
 * @returns {Promise<string[]>} what is not as it has to be; a fuse that this Electron does not know is none
 */
export async function wrongFuses(program) {
  const wire = await getCurrentFuseWire(program)
  return wanted.flatMap(([fuse, name, on]) => {
    const found = wire[fuse]
    if (found === undefined && fuse === FuseV1Options.GrantFileProtocolExtraPrivileges) return []
    return found === (on ? state.on : state.off) ? [] : [`${name} is not ${on ? 'on' : 'off'}`]
  })
}
