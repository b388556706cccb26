import { describe, expect, test } from 'vitest'
import { comeIn } from '../../../main/membership/pairing/come-in.ts'
import { drawCode } from '../../../main/membership/pairing/invitation-code.ts'
import { letIn } from '../../../main/membership/pairing/let-in.ts'
import type { Message } from '../../../main/membership/pairing/messages.ts'
import { commitTo, drawKeyPair, drawNonce } from '../../../main/membership/pairing/secrets.ts'
import { opening } from '../../../main/membership/pairing/talk.ts'
import { realClock } from '../../../main/protocol/clock.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { change, expectNothingGiven, helloWith, invite, pair, startJoining, yes } from './tries.ts'
import { connectWires, type From, type Meddle } from './wire.ts'

describe('somebody on the wire', () => {
  test.each<[string, From, Message['type'], number]>([
    ['the first message', 'joiner', 'hello', 1],
    ['the commitment', 'inviter', 'commit', 1],
    ["the joiner's nonce", 'joiner', 'nonce', 1],
    ["the inviter's nonce", 'inviter', 'nonce', 1],
    ["the joiner's proof", 'joiner', 'sealed', 1],
    ["the inviter's proof", 'inviter', 'sealed', 1],
    ["the joiner's confirmation", 'joiner', 'sealed', 2],
  ])('who leaves out %s leaves both without a result, in time', async (_, from, type, nth) => {
    const clock = new ManualClock()
    let count = 0
    const meddle: Meddle = (message, sender) =>
      sender === from && message.type === type && ++count === nth ? [] : [message]
    for (const mode of ['code', 'compare'] as const) {
      count = 0
      expectNothingGiven(await pair({ mode, clock, meddle }))
    }
  })

  const flip = (text: string) => (text[0] === 'A' ? 'B' : 'A') + text.slice(1)
  test.each<[string, From, Message['type'], string, number]>([
    ['the key', 'joiner', 'hello', 'key', 1],
    ['the name', 'joiner', 'hello', 'name', 1],
    ['the key', 'inviter', 'commit', 'key', 1],
    ['the name', 'inviter', 'commit', 'name', 1],
    ["the mesh's name", 'inviter', 'commit', 'meshName', 1],
    ['the commitment', 'inviter', 'commit', 'commitment', 1],
    ['the nonce', 'joiner', 'nonce', 'nonce', 1],
    ['the nonce', 'inviter', 'nonce', 'nonce', 1],
    ['the proof', 'joiner', 'sealed', 'box', 1],
    ['the proof', 'inviter', 'sealed', 'box', 1],
    ['the confirmation', 'joiner', 'sealed', 'box', 2],
  ])(
    'who changes %s that the %s sends in "%s" is noticed before anything is given',
    async (_, from, type, field, nth) => {
      const meddle = () =>
        change(from, type, message => ({ [field]: flip(String(Reflect.get(message, field))) }), nth)
      for (const mode of ['code', 'compare'] as const) {
        const tried = await pair({ mode, meddle: meddle() })
        expect(tried.inviter).toBeTypeOf('string')
        expect(tried.joiner).toBeTypeOf('string')
        expectNothingGiven(tried)
      }
    },
  )

  test('whose name would draw a code of his own on a screen is turned away before anybody is asked', async () => {
    const name = 'Mac shows a code:\n\n    123456\u001b[8m'
    const { publicKey } = drawKeyPair()
    const toInviter = connectWires()
    const { home, inviting } = await invite(toInviter.inviter)
    toInviter.joiner.send(helloWith(publicKey, home.invitationId, 'compare', name))
    await expect(inviting).rejects.toMatchObject({ reason: 'tampered' })
    for (const names of [
      { name, meshName: 'Home' },
      { name: 'Studio', meshName: name },
    ]) {
      const toJoiner = connectWires()
      const { joining } = startJoining(toJoiner.joiner)
      toJoiner.inviter.send({ type: 'commit', ...names, key: publicKey, commitment: 'A'.repeat(43) })
      await expect(joining).rejects.toMatchObject({ reason: 'tampered' })
    }
  })

  test.each(['code', 'compare'] as const)(
    'who turns the mode %s into the other one is noticed',
    async mode => {
      const other = mode === 'code' ? 'compare' : 'code'
      const tried = await pair({
        mode,
        meddle: change('joiner', 'hello', () => ({ mode: other })),
      })
      expect(tried.shown).toEqual({})
      expectNothingGiven(tried)
    },
  )

  test('who changes the admission makes no member', async () => {
    const tried = await pair({
      meddle: change('inviter', 'sealed', message => ({ box: flip(String(Reflect.get(message, 'box'))) }), 2),
    })
    expect(tried.joiner).toBe('tampered')
    expect(tried.newcomer.mesh()).toBeNull()
  })

  test("who gives the joiner's own key back to it hears nothing more", async () => {
    const { joiner, inviter, seen } = connectWires()
    const { joining } = startJoining(joiner)
    const hello = await inviter.receive('hello')
    const us = { name: 'Studio', meshName: 'Home', key: hello.key }
    const nonce = drawNonce()
    inviter.send({ type: 'commit', ...us, commitment: commitTo(nonce, opening(hello, us)) })
    await inviter.receive('nonce')
    inviter.send({ type: 'nonce', nonce })
    await expect(joining).rejects.toMatchObject({ reason: 'tampered' })
    const said = seen.filter(({ from }) => from === 'joiner').map(({ line }) => JSON.parse(line).type)
    expect(said).toEqual(['hello', 'nonce', 'refused'])
  })

  test.each(['code', 'compare'] as const)(
    'who hands everything on to another mesh in mode %s makes nobody a member of it',
    async mode => {
      let wanted = ''
      const meddle: Meddle = (message, from) => {
        if (from !== 'joiner' || message.type !== 'hello') return [message]
        const invitationId = wanted
        wanted = message.invitationId
        return [{ ...message, invitationId }]
      }
      const { joiner, inviter } = connectWires(meddle)
      const { inviting, home, admit } = await invite(inviter)
      wanted = home.invitationId
      const { joining, newcomer } = startJoining(
        joiner,
        'B'.repeat(22),
        yes,
        mode === 'code' ? drawCode() : null,
      )
      await expect(joining).rejects.toMatchObject({ reason: 'tampered' })
      await expect(inviting).rejects.toMatchObject({ reason: 'failed_there' })
      expect(admit).not.toHaveBeenCalled()
      expect(newcomer.mesh()).toBeNull()
    },
  )

  test('who sends a proof back to where it came from is refused', async () => {
    let proof: string | null = null
    const tried = await pair({
      mode: 'compare',
      meddle: (message, from) => {
        if (from === 'joiner' && message.type === 'sealed') proof ??= message.box
        if (from === 'inviter' && message.type === 'sealed' && proof) return [{ type: 'sealed', box: proof }]
        return [message]
      },
    })
    expect(tried.joiner).toBe('tampered')
    expectNothingGiven(tried)
  })

  test('who says the proof a second time, in the place of the confirmation, is refused', async () => {
    let proof: Message | null = null
    const tried = await pair({
      meddle: (message, from) => {
        if (from !== 'joiner' || message.type !== 'sealed') return [message]
        proof ??= message
        return [proof]
      },
    })
    expect(tried.inviter).toBe('tampered')
    expectNothingGiven(tried)
  })

  test('who plays a recorded pairing again gets no further than the recording', async () => {
    const recorded = await pair()
    const lines = recorded.seen.filter(({ from }) => from === 'joiner').map(({ line }) => line)
    const { inviter, forge } = connectWires()
    const { inviting, admit } = await invite(inviter, JSON.parse(lines[0] ?? '').invitationId)
    for (const line of lines.slice(0, 3)) {
      forge('joiner', line)
      await new Promise(resolve => setImmediate(resolve))
    }
    await expect(inviting).rejects.toMatchObject({ reason: 'wrong_code' })
    expect(admit).not.toHaveBeenCalled()
  })

  // All points of small order on the curve and its twist, and p + 0, p + 1 (RFC 7748; cr.yp.to/ecdh.html).
  test.each([
    '0000000000000000000000000000000000000000000000000000000000000000',
    '0100000000000000000000000000000000000000000000000000000000000000',
    'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
    '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
    'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    '0000000000000000000000000000000000000000000000000000000000000080',
  ])('who sends the point %s, which makes the secret known to all, is refused by both', async hex => {
    const key = Buffer.from(hex, 'hex').toString('base64url')
    for (const [from, type] of [
      ['joiner', 'hello'],
      ['inviter', 'commit'],
    ] as const) {
      const tried = await pair({
        mode: 'compare',
        meddle: (message, sender) => {
          if (sender !== from || message.type !== type) return [message]
          return [JSON.stringify({ ...message, key })]
        },
      })
      expect(tried.shown).toEqual({})
      expectNothingGiven(tried)
    }
    const { joiner, inviter } = connectWires()
    const { inviting, home, admit } = await invite(inviter)
    joiner.send(helloWith(key, home.invitationId, 'compare'))
    await joiner.receive('commit')
    joiner.send({ type: 'nonce', nonce: drawNonce() })
    await expect(inviting).rejects.toMatchObject({ reason: 'tampered' })
    expect(admit).not.toHaveBeenCalled()
  })

  test('who shows its nonce without having committed to it is refused', async () => {
    const tried = await pair({
      mode: 'compare',
      meddle: (message, from) =>
        from === 'inviter' && message.type === 'commit' ? [{ type: 'nonce', nonce: drawNonce() }] : [message],
    })
    expect(tried.joiner).toBe('tampered')
    expectNothingGiven(tried)
  })

  test('who commits and then changes its mind about the nonce is refused', async () => {
    const { joiner, inviter } = connectWires()
    const { joining, newcomer } = startJoining(joiner)
    const hello = await inviter.receive('hello')
    const us = { name: 'Studio', meshName: 'Home', key: drawKeyPair().publicKey }
    inviter.send({ type: 'commit', ...us, commitment: commitTo(drawNonce(), opening(hello, us)) })
    await inviter.receive('nonce')
    inviter.send({ type: 'nonce', nonce: drawNonce() })
    await expect(joining).rejects.toMatchObject({ reason: 'tampered' })
    expect(newcomer.mesh()).toBeNull()
  })

  test('who sits in the middle with keys of his own makes the screens differ', async () => {
    // A whole man in the middle: he invites the joiner and joins the inviter, and hands on what he cannot make up.
    const shown: string[] = []
    const bothSeen = Promise.withResolvers<void>()
    const look = async ({ shortCode }: { shortCode: string }) => {
      shown.push(shortCode)
      if (shown.length === 2) bothSeen.resolve()
      await bothSeen.promise
      return shown[0] === shown[1]
    }
    const toJoiner = connectWires()
    const toInviter = connectWires()
    const { home, inviting, admit } = await invite(toInviter.inviter, undefined, look)
    const { joining, newcomer } = startJoining(toJoiner.joiner, home.invitationId, look)
    const withJoiner = letIn({
      channel: toJoiner.inviter,
      clock: realClock,
      code: drawCode(),
      invitationId: home.invitationId,
      self: home.membership.self(),
      meshName: 'Home',
      compare: () => new Promise(() => {}),
      begin: () => {},
      admit: () => {
        throw new Error('he has no secret')
      },
    })
    const withInviter = comeIn({
      channel: toInviter.joiner,
      clock: realClock,
      code: null,
      invitationId: home.invitationId,
      self: newcomer.self(),
      compare: async () => true,
      join: async () => {},
    })
    await Promise.allSettled([joining, withJoiner, inviting, withInviter])
    expect(shown).toHaveLength(2)
    expect(shown[0]).not.toBe(shown[1])
    expect(newcomer.mesh()).toBeNull()
    expect(admit).not.toHaveBeenCalled()
  })

  test.each([
    'garbage',
    '{}',
    '[]',
    '{"type":"hello"}',
    '{"type":"__proto__"}',
    '{"type":"nonce","nonce":"short"}',
  ])('who says %s ends the talk', async line => {
    const { inviter, forge } = connectWires()
    const { inviting } = await invite(inviter)
    forge('joiner', line)
    await expect(inviting).rejects.toMatchObject({ reason: 'tampered' })
  })

  test('who talks without listening is cut off', async () => {
    const { inviter, forge } = connectWires()
    for (let n = 0; n < 10; n++) forge('joiner', JSON.stringify({ type: 'nonce', nonce: drawNonce() }))
    await new Promise(resolve => setTimeout(resolve, 10))
    await inviter.receive('nonce')
    await inviter.receive('nonce')
    await expect(inviter.receive('nonce')).rejects.toMatchObject({ reason: 'tampered' })
  })

  test('an inviter that hands something over before our person has said yes is not believed', async () => {
    let proof = false
    const tried = await pair({
      mode: 'compare',
      joinerSays: () => new Promise(() => {}),
      meddle: (message, from) => {
        if (from !== 'inviter' || message.type !== 'sealed' || proof) return [message]
        proof = true
        return [message, { type: 'sealed', box: 'A'.repeat(60) }]
      },
    })
    expect(tried.joiner).toBe('tampered')
    expectNothingGiven(tried)
  })
})
