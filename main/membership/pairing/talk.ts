// What both sides of the handshake share: the order of what is said in the open, and that every wait has an end.
import type { Clock } from '../../protocol/clock.ts'
import type { Channel } from './channel.ts'
import { PairingFailure } from './failure.ts'
import type { Commit, Hello } from './messages.ts'
import type { Session, Transcript } from './secrets.ts'

/** For whatever two Macs do without asking anybody. */
export const machinesMs = 10_000
export const peopleMs = 120_000

/** Resolves when the person has said whether both screens show the same six digits. */
export type Compare = (shown: { readonly shortCode: string; readonly withName: string }) => Promise<boolean>

/** What both ends know of each other after the first six messages. */
export interface Introduced {
  readonly session: Session
  readonly shortCode: string
  /** The other Mac, by its own word. */
  readonly withName: string
}

/** What both have said before the first nonce: nothing of it can be chosen later. */
export function opening(
  hello: Omit<Hello, 'type'>,
  { name, meshName, key }: Omit<Commit, 'type' | 'commitment'>,
): Transcript {
  const { protocol, mode, invitationId } = hello
  return [protocol, mode, invitationId, hello.name, hello.key, name, meshName, key]
}

/** Ends the channel with the talk, and tells the other end why it failed. */
export async function untilEnd<T>(channel: Channel, talk: () => Promise<T>): Promise<T> {
  try {
    const outcome = await talk()
    channel.end('closed')
    return outcome
  } catch (error) {
    channel.end(error instanceof PairingFailure ? error.reason : 'failed_here')
    throw error
  }
}

export async function within<T>(
  limitMs: number,
  clock: Clock,
  run: () => Promise<T>,
  reason: 'silent' | 'unanswered' = 'silent',
): Promise<T> {
  const over = Promise.withResolvers<never>()
  const callOff = clock.after(limitMs, () => over.reject(new PairingFailure(reason)))
  try {
    return await Promise.race([run(), over.promise])
  } finally {
    callOff()
  }
}

/** Rejects when the person says no. */
export async function askToCompare(compare: Compare, { shortCode, withName }: Introduced): Promise<void> {
  if (!(await compare({ shortCode, withName }))) throw new PairingFailure('declined_here')
}
