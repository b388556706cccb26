import type { PeerBeat } from '../protocol/workers.ts'

/**
 * The one that has been here longest. No quorum is needed, which two Macs could not have: in a partition each side has a
 * leader, and after healing one remains, so what a leader does must be harmless when it is done twice.
 */
export function leaderOf(present: readonly PeerBeat[]): PeerBeat | null {
  let leader: PeerBeat | null = null
  for (const peer of present) {
    if (peer.mode === 'worker') continue
    if (!leader || isBefore(peer, leader)) leader = peer
  }
  return leader
}

function isBefore(one: PeerBeat, other: PeerBeat): boolean {
  return one.epoch === other.epoch ? one.workerId < other.workerId : one.epoch < other.epoch
}
