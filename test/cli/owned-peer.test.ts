// A served peer that an app owns: what they say to each other over the channel.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeTempFolder } from '../support/temp-folder.ts'
import { serve } from './served-peer.ts'

const args = ['--port', '0', '--engine', 'scripted', '--json']
const owned = {
  MLX_MESH_PARENT: '1',
  MLX_MESH_KEY_FROM_OWNER: '1',
  MLX_MESH_DISCOVERY_ENABLED: 'false',
}
const key = Buffer.alloc(32, 7).toString('base64')

test('a peer seals its mesh with the key of its owner, stops when told, and does not start open again', async () => {
  const home = makeTempFolder()
  const peer = serve({ home, args, env: owned, ipc: true })
  peer.child.send({ type: 'key', key })
  const [, url = ''] = await peer.says(/"url":"([^"]+)"/)
  const invited = await fetch(`${url}/api/mesh/invite`, { method: 'POST' })
  expect(invited.status).toBe(200)
  expect(JSON.parse(readFileSync(join(home, 'mesh.json'), 'utf8'))).toHaveProperty('sealed')
  peer.child.send({ type: 'stop' })
  expect((await peer.ended).code).toBe(0)

  const open = serve({ home, args, env: { MLX_MESH_DISCOVERY_ENABLED: 'false' } })
  await open.says(/sealed with a key that this Mac keeps for the app/)
  expect((await open.ended).code).toBe(1)
})

test('a key that is none is an error, and nothing is started', async () => {
  const peer = serve({ home: makeTempFolder(), args, env: owned, ipc: true })
  peer.child.send({ type: 'key', key: 'c2hvcnQ=' })
  await peer.says(/the key that the app handed over cannot be used/)
  expect((await peer.ended).code).toBe(1)
})
