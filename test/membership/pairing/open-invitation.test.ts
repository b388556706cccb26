import { connect } from 'node:net'
import { expect, onTestFinished, test, vi } from 'vitest'
import { comeIn } from '../../../main/membership/pairing/come-in.ts'
import { drawCode } from '../../../main/membership/pairing/invitation-code.ts'
import { invitationMs, openInvitation } from '../../../main/membership/pairing/open-invitation.ts'
import type { Compare } from '../../../main/membership/pairing/talk.ts'
import { connectTo } from '../../../main/membership/pairing/tcp-channel.ts'
import { type Clock, realClock } from '../../../main/protocol/clock.ts'
import { silentLog } from '../../../main/telemetry/log.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { createMemoryMembership } from '../../support/memory-membership.ts'

const never: Compare = () => new Promise(() => {})
const yes: Compare = async () => true

async function invite({ clock = realClock, compare = yes }: { clock?: Clock; compare?: Compare } = {}) {
  const membership = createMemoryMembership('inviter000', 'Studio')
  await membership.create('Home')
  const code = drawCode()
  const onFailedTry = vi.fn()
  const invitation = await openInvitation({
    code,
    self: membership.self(),
    meshName: 'Home',
    clock,
    log: silentLog,
    compare,
    admit: membership.admit,
    onFailedTry,
  })
  onTestFinished(() => invitation.close())
  return { code, membership, invitation, onFailedTry }
}

/** A Mac that knocks on the door. */
async function knock(port: number, invitationId: string, code: Buffer | null, compare: Compare = yes) {
  const membership = createMemoryMembership('joiner0000', 'MacBook')
  const channel = await connectTo('127.0.0.1', port)
  const joined = comeIn({
    channel,
    clock: realClock,
    code,
    invitationId,
    self: membership.self(),
    compare,
    join: membership.join,
  })
  joined.catch(() => {})
  return { membership, joined, channel }
}

test('over TCP, a Mac with the code becomes a member, and then the door is closed', async () => {
  const { code, membership, invitation } = await invite()
  const newcomer = await knock(invitation.port, invitation.id, code)
  expect(await newcomer.joined).toEqual({ meshName: 'Home', withName: 'Studio' })
  expect(await invitation.ended).toMatchObject({ workerId: 'joiner0000' })
  expect(newcomer.membership.secret()).toBe(membership.secret())
  await expect(connectTo('127.0.0.1', invitation.port)).rejects.toMatchObject({ reason: 'unreachable' })
})

test('over TCP, two people who see the same digits make a Mac a member', async () => {
  const shown: string[] = []
  const look: Compare = async ({ shortCode }) => {
    shown.push(shortCode)
    return true
  }
  const { membership, invitation } = await invite({ compare: look })
  const newcomer = await knock(invitation.port, invitation.id, null, look)
  await newcomer.joined
  expect(shown[0]).toBe(shown[1])
  expect(newcomer.membership.secret()).toBe(membership.secret())
})

test('a wrong code ends the invitation: the right one comes too late', async () => {
  const { code, invitation, membership } = await invite()
  const guess = await knock(invitation.port, invitation.id, drawCode())
  await expect(guess.joined).rejects.toMatchObject({ reason: 'wrong_code' })
  await expect(invitation.ended).rejects.toMatchObject({ reason: 'wrong_code' })
  await expect(knock(invitation.port, invitation.id, code)).rejects.toMatchObject({ reason: 'unreachable' })
  expect(membership.members()).toHaveLength(1)
})

test('a code works once', async () => {
  const { code, invitation } = await invite()
  await (await knock(invitation.port, invitation.id, code)).joined
  await expect(knock(invitation.port, invitation.id, code)).rejects.toMatchObject({ reason: 'unreachable' })
})

test('after ten minutes nobody is let in any more', async () => {
  const clock = new ManualClock()
  const { code, invitation } = await invite({ clock })
  expect(invitation.expiresAtMs - clock.now()).toBe(invitationMs)
  clock.advance(invitationMs)
  await expect(invitation.ended).rejects.toMatchObject({ reason: 'expired' })
  await expect(knock(invitation.port, invitation.id, code)).rejects.toMatchObject({ reason: 'unreachable' })
})

test('who does not know the invitation is sent away, and the invitation stays', async () => {
  const { code, invitation, onFailedTry } = await invite()
  const stranger = await knock(invitation.port, 'A'.repeat(22), drawCode())
  await expect(stranger.joined).rejects.toMatchObject({ reason: 'unknown_invitation' })
  await (await knock(invitation.port, invitation.id, code)).joined
  expect(onFailedTry).not.toHaveBeenCalled()
})

test('one pairs at a time: the second is told to wait, and the first goes on', async () => {
  const asked = Promise.withResolvers<void>()
  const answer = Promise.withResolvers<boolean>()
  const { code, invitation } = await invite({
    compare: () => {
      asked.resolve()
      return answer.promise
    },
  })
  const first = await knock(invitation.port, invitation.id, null)
  await asked.promise
  const second = await knock(invitation.port, invitation.id, code)
  await expect(second.joined).rejects.toMatchObject({ reason: 'busy' })
  answer.resolve(true)
  await first.joined
})

test('when a newcomer goes away in the middle, the invitation stays for the next', async () => {
  const { code, invitation, onFailedTry } = await invite({ compare: never })
  const first = await knock(invitation.port, invitation.id, null, never)
  await vi.waitFor(() => expect(first.channel).toBeDefined())
  first.channel.end('closed')
  await vi.waitFor(() => expect(onFailedTry).toHaveBeenCalled())
  await (await knock(invitation.port, invitation.id, code)).joined
})

test('a newcomer that was let in and cannot keep it is not said to be out', async () => {
  const { code, invitation, membership, onFailedTry } = await invite()
  const newcomer = createMemoryMembership('joiner0000', 'MacBook')
  const joined = comeIn({
    channel: await connectTo('127.0.0.1', invitation.port),
    clock: realClock,
    code,
    invitationId: invitation.id,
    self: newcomer.self(),
    compare: yes,
    join: () => Promise.reject(new Error('ENOSPC: no space left on device, write')),
  })
  await expect(joined).rejects.toThrow('ENOSPC')
  await expect(invitation.ended).rejects.toMatchObject({ reason: 'not_arrived' })
  expect(membership.members().map(({ name }) => name)).toContain('MacBook')
  expect(onFailedTry).not.toHaveBeenCalled()
})

test.each([
  ['garbage', 'GET / HTTP/1.1\r\n\r\n'],
  ['a line without an end', 'x'.repeat(100_000)],
  ['bytes that are no text', Buffer.alloc(5000, 0xff)],
])('%s closes that connection at once, and nothing else', { timeout: 5000 }, async (_, bytes) => {
  const { code, invitation } = await invite()
  const socket = connect(invitation.port, '127.0.0.1')
  const closed = new Promise(resolve => socket.once('close', resolve))
  socket.on('error', () => {})
  socket.resume()
  socket.write(bytes)
  if (Buffer.isBuffer(bytes)) socket.write('\n')
  await closed
  await (await knock(invitation.port, invitation.id, code)).joined
})

test('who says nothing is shown out after ten seconds', async () => {
  const clock = new ManualClock()
  const { invitation } = await invite({ clock })
  const socket = connect(invitation.port, '127.0.0.1')
  const closed = new Promise(resolve => socket.once('close', resolve))
  socket.resume()
  await new Promise(resolve => socket.once('connect', resolve))
  const passing = setInterval(() => clock.advance(1000), 10)
  await closed
  clearInterval(passing)
})

test('no more than eight can stand at the door', async () => {
  const { invitation } = await invite()
  const sockets = Array.from({ length: 12 }, () => connect(invitation.port, '127.0.0.1'))
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
  })
  let closed = 0
  for (const socket of sockets) socket.on('error', () => {}).on('close', () => closed++)
  await vi.waitFor(() => expect(closed).toBe(4))
})

test('closing it by hand ends it', async () => {
  const { invitation } = await invite()
  invitation.close()
  await expect(invitation.ended).rejects.toMatchObject({ reason: 'cancelled' })
})

test('the Mac that invites cannot let itself in', async () => {
  const { code, invitation, membership } = await invite()
  const channel = await connectTo('127.0.0.1', invitation.port)
  const joined = comeIn({
    channel,
    clock: realClock,
    code,
    invitationId: invitation.id,
    self: membership.self(),
    compare: yes,
    join: membership.join,
  })
  await expect(joined).rejects.toMatchObject({ reason: 'same_mac' })
  expect(membership.members()).toHaveLength(1)
})
