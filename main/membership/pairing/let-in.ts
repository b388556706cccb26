// The inviter's side of the handshake (DESIGN.md): to let another Mac in.
import type { Clock } from '../../protocol/clock.ts'
import type { Admission } from '../membership.ts'
import type { Member } from '../roster.ts'
import type { Channel } from './channel.ts'
import { PairingFailure } from './failure.ts'
import { confirmNote, joinedNote, type PairingMode, proofNote, protocolName } from './messages.ts'
import { commitTo, drawKeyPair, drawNonce, openSession, type Session, shortCodeOf } from './secrets.ts'
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

export interface InviterOptions {
  readonly channel: Channel
  readonly clock: Clock
  readonly code: Buffer
  readonly invitationId: string
  readonly self: Member
  readonly meshName: string
  readonly compare: Compare
  /** Called when the joiner has named the right invitation. Throws PairingFailure when it has to wait. */
  readonly begin: () => void
  /** Called once the joiner has proved itself and, in compare mode, both people have said yes. */
  readonly admit: (newcomer: Member) => Promise<Admission>
}

/** Resolves when the newcomer has said that it is a member. Rejects with PairingFailure, which the other end was told. */
export function letIn(options: InviterOptions): Promise<Member> {
  const { channel, clock, self, compare, admit } = options
  return untilEnd(channel, async () => {
    const introduced = await within(machinesMs, clock, () => introduce(options))
    const { session, mode } = introduced

    // 7. The joiner confirms and says who it is; nothing goes out before our own person has confirmed, too.
    const confirm = async () => session.open((await channel.receive('sealed')).box, confirmNote)
    const [{ member }] =
      mode === 'code'
        ? [await within(machinesMs, clock, confirm)]
        : await within(
            peopleMs,
            clock,
            () => Promise.all([confirm(), askToCompare(compare, introduced)]),
            'unanswered',
          )
    if (member.workerId === self.workerId) throw new PairingFailure('same_mac')

    // 8. It is let in, and 9. says that it has arrived.
    return within(machinesMs, clock, async () => {
      channel.send({ type: 'sealed', box: session.seal({ note: 'admit', admission: await admit(member) }) })
      session.open((await channel.receive('sealed')).box, joinedNote)
      return member
    })
  })
}

/** Messages 1 to 6. */
async function introduce(options: InviterOptions): Promise<Introduced & { mode: PairingMode }> {
  const { channel, code, invitationId, self, meshName, begin } = options
  const hello = await channel.receive('hello')
  if (hello.protocol !== protocolName) throw new PairingFailure('version')
  if (hello.invitationId !== invitationId) throw new PairingFailure('unknown_invitation')
  begin()

  const own = drawKeyPair()
  const nonce = drawNonce()
  const us = { name: self.name, meshName, key: own.publicKey }
  const said = opening(hello, us)
  const commitment = commitTo(nonce, said)
  channel.send({ type: 'commit', ...us, commitment })
  const theirNonce = (await channel.receive('nonce')).nonce
  channel.send({ type: 'nonce', nonce })

  const { mode } = hello
  const transcript = [...said, commitment, theirNonce, nonce]
  const session = openSession({
    role: 'inviter',
    own,
    theirs: hello.key,
    code: mode === 'code' ? code : null,
    transcript,
  })
  await readProof(channel, session, mode)
  channel.send({ type: 'sealed', box: session.seal({ note: 'proof' }) })
  return { session, mode, shortCode: shortCodeOf(transcript), withName: hello.name }
}

/** In code mode a proof that does not open is a wrong code: it is the one thing that an honest newcomer gets wrong. */
async function readProof(channel: Channel, session: Session, mode: PairingMode): Promise<void> {
  const { box } = await channel.receive('sealed')
  try {
    session.open(box, proofNote)
  } catch {
    throw new PairingFailure(mode === 'code' ? 'wrong_code' : 'tampered')
  }
}
