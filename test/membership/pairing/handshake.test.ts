import { describe, expect, test } from 'vitest'
import { drawCode } from '../../../main/membership/pairing/invitation-code.ts'
import { ManualClock } from '../../support/manual-clock.ts'
import { change, expectHidden, expectNothingGiven, no, pair, type Setting } from './tries.ts'

describe('with a code', () => {
  test('the Mac that knows it is let in, and the wire shows neither secret nor members nor code', async () => {
    const tried = await pair()
    expect(tried.inviter).toMatchObject({ workerId: 'joiner0000', name: 'MacBook' })
    expect(tried.joiner).toEqual({ meshName: 'Home', withName: 'Studio' })
    expect(tried.newcomer.secret()).toBe(tried.home.secret())
    expect(tried.newcomer.members()).toEqual(tried.home.members())
    expectHidden(tried.seen, tried.home)
    expect(tried.seen.map(({ line }) => line).join()).not.toContain(tried.home.self().key)
  })

  test('nobody is asked to compare anything', async () => {
    expect((await pair()).shown).toEqual({})
  })

  test('a wrong code gets nothing, and both Macs say that it was the code', async () => {
    const tried = await pair({ joinerCode: drawCode() })
    expect([tried.inviter, tried.joiner]).toEqual(['wrong_code', 'wrong_code'])
    expectNothingGiven(tried)
    const said = tried.seen.filter(({ from }) => from === 'inviter').map(({ line }) => JSON.parse(line).type)
    expect(said).toEqual(['commit', 'nonce', 'refused']) // nothing that a guess could be tried on
  })

  test('a code of another invitation is told without using this one up', async () => {
    const tried = await pair({
      meddle: change('joiner', 'hello', () => ({ invitationId: 'A'.repeat(22) })),
    })
    expect(tried.inviter).toBe('unknown_invitation')
    expect(tried.joiner).toBe('unknown_invitation')
    expectNothingGiven(tried)
  })

  test('a Mac with another protocol is told so', async () => {
    const tried = await pair({
      meddle: change('joiner', 'hello', () => ({ protocol: 'mlx-mesh pairing 9' })),
    })
    expect([tried.inviter, tried.joiner]).toEqual(['version', 'version'])
  })
})

describe('comparing', () => {
  test('both screens show the same six digits, and two yes let the Mac in', async () => {
    const tried = await pair({ mode: 'compare' })
    expect(tried.shown.joiner).toMatch(/^\d{6}$/)
    expect(tried.shown.inviter).toBe(tried.shown.joiner)
    expect(tried.newcomer.secret()).toBe(tried.home.secret())
    expectHidden(tried.seen, tried.home)
  })

  test('each try shows other digits', async () => {
    const codes = await Promise.all(
      [1, 2, 3, 4].map(async () => (await pair({ mode: 'compare' })).shown.joiner),
    )
    expect(new Set(codes).size).toBeGreaterThan(1)
  })

  test('a no of the inviting person is the end, and the other one hears of it', async () => {
    const tried = await pair({ mode: 'compare', inviterSays: no })
    expect([tried.inviter, tried.joiner]).toEqual(['declined_here', 'declined_there'])
    expectNothingGiven(tried)
  })

  test('a no of the joining person is the end, and the other one hears of it', async () => {
    const tried = await pair({ mode: 'compare', joinerSays: no })
    expect([tried.inviter, tried.joiner]).toEqual(['declined_there', 'declined_here'])
    expectNothingGiven(tried)
  })

  test.each<[string, Setting]>([
    ['inviting', { inviterSays: () => new Promise(() => {}) }],
    ['joining', { joinerSays: () => new Promise(() => {}) }],
  ])('when the %s person says nothing for two minutes, nothing is given', async (_, setting) => {
    const clock = new ManualClock()
    const beganMs = clock.now()
    const tried = await pair({ mode: 'compare', clock, ...setting })
    expect(clock.now() - beganMs).toBeLessThan(125_000)
    expect(tried.inviter).toBe('unanswered')
    expectNothingGiven(tried)
  })
})
