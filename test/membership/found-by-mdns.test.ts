import { expect, onTestFinished, test, vi } from 'vitest'
import { type Nearby, openNearby } from '../../main/fabric/nearby.ts'
import { createPairing, type Pairing } from '../../main/membership/pair-up.ts'
import { realClock as clock } from '../../main/protocol/clock.ts'
import { silentLog as log } from '../../main/telemetry/log.ts'
import { createMemoryMembership, type MemoryMembership } from '../support/memory-membership.ts'

interface Mac {
  readonly membership: MemoryMembership
  readonly pairing: Pairing
  readonly nearby: Nearby
}

/** As a peer puts its parts together, on the loopback network. */
function stand(workerId: string, name: string): Mac {
  const membership = createMemoryMembership(workerId, name)
  const announce = () => ({
    workerId,
    epoch: 1,
    name: membership.self().name,
    mesh: membership.mesh(),
    routePort: 1,
    version: '1',
    pairing: pairing.invitation(),
  })
  let pairing: Pick<Pairing, 'invitation'> = { invitation: () => null }
  const interfaces = () => [{ address: '127.0.0.1', netmask: '255.0.0.0' }]
  const nearby = openNearby({ clock, log, announce, workerId, interfaces })
  const whole = createPairing({ membership, nearby, clock, log })
  pairing = whole
  onTestFinished(async () => {
    whole.cancel()
    await nearby.close()
  })
  return { membership, pairing: whole, nearby }
}

test('a code is all that a Mac needs to find the one that invites, and to become a member', async () => {
  const studio = stand('studiomdns', 'Studio')
  const book = stand('bookmdns00', 'MacBook')
  const { code } = Object.assign({ code: '' }, await studio.pairing.invite())
  book.pairing.join(code, null)
  await vi.waitFor(() => expect(book.pairing.state().state).toBe('done'), { timeout: 10_000 })
  expect(book.membership.secret()).toBe(studio.membership.secret())
  await vi.waitFor(() => {
    const ad = book.nearby.peers().find(peer => peer.workerId === 'studiomdns')
    expect(ad).toMatchObject({ meshName: 'Studio', pairing: null })
  }, 5000)
})
