import { expect, test } from 'vitest'
import { machineConfiguration, withoutEmptySecrets } from '../../scripts/dist/configuration.mjs'

const updatesUrl = 'https://updates.example.org/mlx-mesh'

test('a build looks for updates where its publisher says, and nowhere when nobody says so', () => {
  expect(machineConfiguration({ electronVersion: '45.4.1', updatesUrl }).publish).toEqual({
    provider: 'generic',
    url: updatesUrl,
  })
  expect(machineConfiguration({ electronVersion: '45.4.1' }).publish).toBeNull()
})

test('a build that is signed ad hoc is neither notarized nor updated: macOS would refuse both', () => {
  const configuration = machineConfiguration({ electronVersion: '45.4.1', updatesUrl, identity: '-' })
  const mac = { identity: '-', notarize: false, entitlements: 'resources/entitlements.mac.adhoc.plist' }
  expect(configuration).toMatchObject({ mac, publish: null })
})

test('an Electron is told only of fuses that it has', () => {
  expect(machineConfiguration({ electronVersion: '45.4.1' }).electronFuses).toEqual({
    grantFileProtocolExtraPrivileges: false,
  })
  expect(machineConfiguration({ electronVersion: '22.3.25' })).not.toHaveProperty('electronFuses')
})

test('a secret that a workflow does not have is none, and no certificate', () => {
  const env = { CSC_LINK: '', APPLE_ID: '', CSC_NAME: 'somebody', PATH: '', UPDATES_URL: '' }
  withoutEmptySecrets(env)
  expect(env).toEqual({ CSC_NAME: 'somebody', PATH: '', UPDATES_URL: '' })
})
