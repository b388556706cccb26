// The newcomer's side of the handshake (DESIGN.md): to be let in by another Mac.
import type { Clock } from '../../protocol/clock.ts'
import type { Admission } from '../membership.ts'
import type { Member } from '../roster.ts'
import type { Channel } from './channel.ts'
import { PairingFailure } from './failure.ts'
import { admitNote, proofNote, protocolName } from './messages.ts'
import { drawKeyPair, drawNonce, keepsCommitment, openSession, shortCodeOf } from './secrets.ts'
import {
  askToCompare,
  type Compare,
  type Introduced,
  machinesMs,
  opening,
  peopleMs,
  untilEnd,
  within,
} from './talk.ts'

export interface JoinerOptions {
  readonly channel: Channel
  readonly clock: Clock
  /** Null: two people compare. */
  readonly code: Buffer | null
  readonly invitationId: string
  readonly self: Member
  readonly compare: Compare
  readonly join: (admission: Admission) => Promise<void>
}

export interface Joined {
  readonly meshName: string
  readonly withName: string
}

/** Resolves when this Mac is a member. Rejects with PairingFailure, which the other end was told, or what `join` threw. */
export function comeIn(options: JoinerOptions): Promise<Joined> {
  const { channel, clock, code, self, compare, join } = options
  return untilEnd(channel, async () => {
    const introduced = await within(machinesMs, clock, () => introduce(options))
    const { session, withName } = introduced

    const admitted = channel.receive('sealed')
    if (code === null) {
      // Whatever comes before our person has confirmed is a refusal, or out of turn.
      const early = admitted.then(() => Promise.reject(new PairingFailure('tampered')))
      const asked = () => Promise.race([askToCompare(compare, introduced), early])
      await within(peopleMs, clock, asked, 'unanswered')
    }

    // 7. We confirm and say who we are; 8. we are let in, in compare mode when the other person has confirmed, too.
    channel.send({ type: 'sealed', box: session.seal({ note: 'confirm', member: self }) })
    const { box } = await within(
      code === null ? peopleMs : machinesMs,
      clock,
      () => admitted,
      code === null ? 'unanswered' : 'silent',
    )
    const { admission } = session.open(box, admitNote)
    await join(admission)
    // 9. We have arrived.
    channel.send({ type: 'sealed', box: session.seal({ note: 'joined' }) })
    return { meshName: admission.meshName, withName }
  })
}

/** Messages 1 to 6. */
async function introduce({ channel, code, invitationId, self }: JoinerOptions): Promise<Introduced> {
  const own = drawKeyPair()
  const mode = code === null ? 'compare' : 'code'
  const hello = { protocol: protocolName, mode, invitationId, name: self.name, key: own.publicKey } as const
  channel.send({ type: 'hello', ...hello })
  const { commitment, ...them } = await channel.receive('commit')
  const nonce = drawNonce()
  channel.send({ type: 'nonce', nonce })
  const theirNonce = (await channel.receive('nonce')).nonce
  const said = opening(hello, them)
  if (!keepsCommitment(commitment, theirNonce, said)) throw new PairingFailure('tampered')

  const transcript = [...said, commitment, nonce, theirNonce]
  const session = openSession({ role: 'joiner', own, theirs: them.key, code, transcript })
  channel.send({ type: 'sealed', box: session.seal({ note: 'proof' }) })
  session.open((await channel.receive('sealed')).box, proofNote)
  return { session, shortCode: shortCodeOf(transcript), withName: them.name }
}
