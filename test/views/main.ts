// `npm run dev:views`: the dashboard with canned meshes, each at its own address, until Ctrl-C.
import { cannedNearby } from './canned-mesh.ts'
import { cannedMeshes } from './canned-meshes.ts'
import { openCannedPeer } from './canned-peer.ts'

const firstPort = 8190
/** At `one`, a Mac that has not joined yet: its `#/welcome` can be gone through. */
const studio = cannedNearby('mac-8', 'Studio', {
  meshId: 'mesh-1',
  meshName: 'Home',
  pairing: { port: 52_114 },
})

for (const [i, [name, workers]] of Object.entries(cannedMeshes).entries()) {
  const { url } = await openCannedPeer({
    workers,
    requests: workers.length === 0 ? 0 : 10_000,
    lively: true,
    mesh: name === 'one' ? { meshName: null, nearby: [studio] } : {},
    port: firstPort + i,
  })
  console.log(`${name.padEnd(8)} ${url}`)
}
console.log('\nThe page is built anew when renderer/ changes: reload it. Ctrl-C ends.')
