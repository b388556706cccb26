// Why a pairing came to nothing, in words for the person in front of this Mac.
import { MeshError } from '../../protocol/errors.ts'

/** What one end may tell the other, which cannot know who says it: a hint, and never more. */
export const refusals = [
  'version',
  'busy',
  'unknown_invitation',
  'wrong_code',
  'same_mac',
  'declined',
  'failed',
] as const
export type Refusal = (typeof refusals)[number]

export type PairingReason =
  | Exclude<Refusal, 'declined' | 'failed'>
  | 'declined_here'
  | 'declined_there'
  | 'failed_here'
  | 'failed_there'
  | 'not_arrived'
  | 'tampered'
  | 'silent'
  | 'unanswered'
  | 'closed'
  | 'cancelled'
  | 'expired'
  | 'unreachable'
  | 'not_found'

const words: Readonly<Record<PairingReason, string>> = {
  version: 'The other Mac pairs in another way: bring both to the same version of MLX Mesh.',
  busy: 'The other Mac is letting somebody else in right now. Try again in a moment.',
  unknown_invitation: 'The other Mac has no such invitation open: it was used, or its time is over.',
  wrong_code: 'The code is not the one of the invitation. An invitation takes one try: make a new one.',
  declined_here: 'You said that the codes differ. Nobody was let in.',
  declined_there: 'The other person said that the codes differ. Nobody was let in.',
  failed_here: 'This Mac could not take it in; the log says why.',
  failed_there: 'The other Mac gave up. Nobody was let in.',
  not_arrived:
    'The other Mac was let in, but did not say that it has arrived. If "mlx-mesh members" shows it as offline, let it join again, or remove it.',
  tampered:
    'What came from the other Mac was not what belongs there: somebody may have interfered. Nobody was let in.',
  silent: 'The other Mac did not answer in time.',
  unanswered: 'Nobody confirmed within two minutes that both Macs show the same code.',
  closed: 'The connection to the other Mac broke off.',
  cancelled: 'It was called off.',
  expired: 'Nobody came within ten minutes: the invitation has ended.',
  same_mac: 'This is the Mac that made the invitation. Type the code on the one that is to join.',
  unreachable:
    'There is no way to the other Mac: it is switched off, in another network, or behind a firewall. Or say where it is with --at HOST:PORT, which "mlx-mesh invite" shows there.',
  not_found:
    'No Mac nearby has this invitation open. It may be over, or that Mac is in another network: say where it is with --at HOST:PORT, which "mlx-mesh invite" shows there.',
}

export class PairingFailure extends MeshError {
  readonly reason: PairingReason

  constructor(reason: PairingReason) {
    super('PAIRING_FAILED', words[reason])
    this.name = 'PairingFailure'
    this.reason = reason
  }
}

/** What the other end is told of a failure on this one. */
export function refusalFor(reason: PairingReason): Refusal {
  if (reason === 'declined_here') return 'declined'
  const told = refusals.find(refusal => refusal === reason)
  return told ?? 'failed'
}

/** What a refusal by the other end means on this one. */
export function reasonFor(refusal: Refusal): PairingReason {
  if (refusal === 'declined') return 'declined_there'
  return refusal === 'failed' ? 'failed_there' : refusal
}
