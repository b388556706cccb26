// One try of the handshake in memory, whole or with one end played by a test.
import { expect, vi } from 'vitest'
import { comeIn, type Joined } from '../../../main/membership/pairing/come-in.ts'
import type { PairingReason } from '../../../main/membership/pairing/failure.ts'
import { drawCode, invitationIdOf } from '../../../main/membership/pairing/invitation-code.ts'
import { letIn } from '../../../main/membership/pairing/let-in.ts'
import type { Message } from '../../../main/membership/pairing/messages.ts'
import type { Member } from '../../../main/membership/roster.ts'
import { realClock } from '../../../main/protocol/clock.ts'
import type { ManualClock } from '../../support/manual-clock.ts'
import { createMemoryMembership, type MemoryMembership } from '../../support/memory-membership.ts'
import { whileTimePasses } from '../../support/time.ts'
import { connectWires, type From, type Meddle } from './wire.ts'

export const yes = async () => true
export const no = async () => false

export interface Setting {
  readonly mode?: 'code' | 'compare'
  readonly meddle?: Meddle
  readonly joinerCode?: Buffer
  readonly joinerSays?: () => Promise<boolean>
  readonly inviterSays?: () => Promise<boolean>
  readonly clock?: ManualClock
}

/** Both ends of one try, and what each of them saw. */
export async function pair(setting: Setting = {}) {
  const code = drawCode()
  const invitationId = invitationIdOf(code)
  const home = createMemoryMembership('inviter000', 'Studio')
  const newcomer = createMemoryMembership('joiner0000', 'MacBook')
  await home.create('Home')
  const admit = vi.fn(home.admit)
  const shown: Partial<Record<From, string>> = {}
  const { joiner, inviter, seen, forge } = connectWires(setting.meddle)
  const clock = setting.clock ?? realClock
  const inviting = letIn({
    channel: inviter,
    clock,
    code,
    invitationId,
    self: home.self(),
    meshName: 'Home',
    compare: ({ shortCode }) => {
      shown.inviter = shortCode
      return (setting.inviterSays ?? yes)()
    },
    begin: () => {},
    admit,
  })
  const joining = comeIn({
    channel: joiner,
    clock,
    code: setting.mode === 'compare' ? null : (setting.joinerCode ?? code),
    invitationId,
    self: newcomer.self(),
    compare: ({ shortCode }) => {
      shown.joiner = shortCode
      return (setting.joinerSays ?? yes)()
    },
    join: newcomer.join,
  })
  const ended = Promise.allSettled([inviting, joining])
  const [atInviter, atJoiner] = setting.clock ? await whileTimePasses(setting.clock, ended) : await ended
  return {
    home,
    newcomer,
    admit,
    shown,
    seen,
    forge,
    inviter: outcomeOf(atInviter),
    joiner: outcomeOf(atJoiner),
  }
}

function outcomeOf(result: PromiseSettledResult<Member | Joined>): Member | Joined | PairingReason | string {
  if (result.status === 'fulfilled') return result.value
  return result.reason.reason ?? String(result.reason)
}

/** Nobody was let in, and nothing that went over the wire says anything about the secret. */
export function expectNothingGiven({ home, newcomer, admit, seen }: Awaited<ReturnType<typeof pair>>): void {
  expect(admit).not.toHaveBeenCalled()
  expect(home.members()).toHaveLength(1)
  expect(newcomer.mesh()).toBeNull()
  expectHidden(seen, home)
}

export function expectHidden(seen: readonly { line: string }[], home: MemoryMembership): void {
  expect(seen.map(({ line }) => line).join('\n')).not.toContain(home.secret())
}

/** Changes fields of the nth message of this type and side. */
export function change(
  from: From,
  type: Message['type'],
  fields: (message: Message) => object,
  nth = 1,
): Meddle {
  let count = 0
  return (message, sender) => {
    if (sender !== from || message.type !== type || ++count !== nth) return [message]
    return [JSON.stringify({ ...message, ...fields(message) })]
  }
}

export async function invite(
  channel: ReturnType<typeof connectWires>['inviter'],
  invitationId?: string,
  compare: (shown: { shortCode: string }) => Promise<boolean> = yes,
) {
  const membership = createMemoryMembership('inviter000', 'Studio')
  await membership.create('Home')
  const code = drawCode()
  const id = invitationId ?? invitationIdOf(code)
  const admit = vi.fn(membership.admit)
  const inviting = letIn({
    channel,
    clock: realClock,
    code,
    invitationId: id,
    self: membership.self(),
    meshName: 'Home',
    compare,
    begin: () => {},
    admit,
  })
  inviting.catch(() => {})
  return { home: { membership, invitationId: id }, inviting, admit }
}

export function startJoining(
  channel: ReturnType<typeof connectWires>['joiner'],
  invitationId = 'A'.repeat(22),
  compare: (shown: { shortCode: string }) => Promise<boolean> = yes,
  code: Buffer | null = null,
) {
  const newcomer = createMemoryMembership('joiner0000', 'MacBook')
  const joining = comeIn({
    channel,
    clock: realClock,
    code,
    invitationId,
    self: newcomer.self(),
    compare,
    join: newcomer.join,
  })
  joining.catch(() => {})
  return { newcomer, joining }
}

export function helloWith(
  key: string,
  invitationId: string,
  mode: 'code' | 'compare',
  name = 'Mallory',
): Message {
  return { type: 'hello', protocol: 'mlx-mesh pairing 1', mode, invitationId, name, key }
}
