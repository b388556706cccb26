// `npm run dev:views`: the dashboard with canned meshes, each at its own address, until Ctrl-C.
import { cannedMeshes } from './canned-meshes.ts'
import { openCannedPeer } from './canned-peer.ts'

const firstPort = 8190

for (const [i, [name, workers]] of Object.entries(cannedMeshes).entries()) {
  const { url } = await openCannedPeer({
    workers,
    requests: workers.length === 0 ? 0 : 10_000,
    lively: true,
    port: firstPort + i,
  })
  console.log(`${name.padEnd(8)} ${url}`)
}
console.log('\nThe page is built anew when renderer/ changes: reload it. Ctrl-C ends.')
