// The app for a Mac up to what needs one: signing, and the .dmg. A stub stands in for Electron, so this runs anywhere.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { getRawHeader } from '@electron/asar'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { machineConfiguration } from '../../scripts/dist/configuration.mjs'
import { packageForMac } from '../../scripts/dist/package-app.mjs'
import { wrongFuses } from '../../scripts/dist/read-fuses.mjs'
import { makeStubElectron } from '../support/stub-electron-mac.ts'

const root = resolve(import.meta.dirname, '..', '..')

describe('the app for a Mac', () => {
  let folder = ''
  let app = ''

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'mlx mesh '))
    const electronDist = makeStubElectron(join(folder, 'stub'))
    // A Mac would try to sign the stub, in which there is nothing to sign.
    const unsigned = { mac: { identity: null } }
    const configuration = {
      ...machineConfiguration({ electronDist, electronVersion: '45.4.1' }),
      ...unsigned,
    }
    const python = join(root, 'resources', 'runtime', 'python')
    app = await packageForMac({ root, output: join(folder, 'dist'), configuration, python, only: 'dir' })
  }, 120_000)

  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  test('says what macOS wants to know of it', () => {
    expect(readPlist(join(app, 'Contents', 'Info.plist'))).toMatchObject({
      CFBundleIdentifier: 'app.mlx-mesh',
      CFBundleName: 'MLX Mesh',
      CFBundleIconFile: 'icon.icns',
      LSMinimumSystemVersion: '14.0',
      LSApplicationCategoryType: 'public.app-category.developer-tools',
      LSUIElement: true,
      NSLocalNetworkUsageDescription: expect.stringContaining('your other Macs'),
      NSBonjourServices: [`_${serviceType()}._tcp`],
    })
  })

  test('macOS can tell that its archive is the one that was packed', () => {
    const { headerString } = getRawHeader(join(app, 'Contents', 'Resources', 'app.asar'))
    const { ElectronAsarIntegrity: integrity } = readPlist(join(app, 'Contents', 'Info.plist'))
    const hash = createHash('sha256').update(headerString).digest('hex')
    expect(integrity).toEqual({ 'Resources/app.asar': { algorithm: 'SHA256', hash } })
  })

  test('its fuses are set, also the one that only newer Electrons have', async () => {
    expect(await wrongFuses(app)).toEqual([])
    const stub = join(folder, 'stub', 'Electron.app')
    expect(await wrongFuses(stub)).toContain('grantFileProtocolExtraPrivileges is not off')
  })

  test('carries the licences of all that is in it', () => {
    const licences = ['LICENSE.txt', 'THIRD-PARTY-NOTICES.txt', 'LICENSES.chromium.html']
    expect(readdirSync(join(app, 'Contents', 'Resources'))).toEqual(expect.arrayContaining(licences))
  })

  test('its icon has every size from 16 to 1024', () => {
    expect(iconTypes(readFileSync(join(app, 'Contents', 'Resources', 'icon.icns')))).toEqual(
      'icp4 icp5 ic07 ic08 ic09 ic11 ic12 ic13 ic14 ic10'.split(' '),
    )
  })

  test('it asks macOS for what V8 needs, and without an identity for its own libraries', () => {
    const asked = ['entitlements.mac.plist', 'entitlements.mac.adhoc.plist'].map(name =>
      Object.keys(readPlist(join(root, 'resources', name))).sort(),
    )
    const jit = 'com.apple.security.cs.allow-jit'
    expect(asked).toEqual([[jit], [jit, 'com.apple.security.cs.disable-library-validation']])
  })
})

/** What the Macs call themselves by mDNS. */
function serviceType(): string | undefined {
  return /const service = '([\w-]+)'/.exec(
    readFileSync(join(root, 'main', 'fabric', 'mdns-link.ts'), 'utf8'),
  )?.[1]
}

/** By a reader that is not the one of the packager. */
function readPlist(file: string): Record<string, unknown> {
  const program = 'import json, plistlib, sys; print(json.dumps(plistlib.load(open(sys.argv[1], "rb"))))'
  const python = join(root, 'resources', 'runtime', 'python', 'bin', 'python')
  const output = execFileSync(python, ['-I', '-c', program, file], { encoding: 'utf8' })
  return z.record(z.string(), z.unknown()).parse(JSON.parse(output))
}

function iconTypes(icns: Buffer): string[] {
  const types = []
  for (let at = 8; at < icns.length; at += icns.readUInt32BE(at + 4))
    types.push(icns.toString('latin1', at, at + 4))
  return types
}
