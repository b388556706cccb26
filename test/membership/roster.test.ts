import { describe, expect, test } from 'vitest'
import {
  type Member,
  membersOf,
  merge,
  needsNewSecret,
  type Roster,
  roster as rosterSchema,
  withMember,
  withoutMember,
  withSecret,
} from '../../main/membership/roster.ts'

const empty: Roster = { secret: { value: 's'.repeat(43), removals: 0 }, entries: [] }

function mac(letter: string, name = letter): Member {
  return { workerId: letter.repeat(10), name, key: letter.repeat(64) }
}

function names(roster: Roster): string[] {
  return membersOf(roster).map(member => member.name)
}

function meshOf(...macs: Member[]): Roster {
  return macs.reduce((roster, newcomer) => withMember(roster, newcomer, 1), empty)
}

const yearsAheadMs = 1e14

describe('copies of a roster', () => {
  test('become equal, whatever was changed where and in which order they meet', () => {
    const start = meshOf(mac('a'), mac('b'), mac('c'))
    const copies = [
      withMember(withoutMember(start, mac('b').workerId), mac('d'), 11),
      withSecret(withoutMember(start, mac('c').workerId), 't'.repeat(43)),
      withMember(withMember(start, mac('a', 'studio'), 13), mac('b', 'book'), 14),
    ]
    const [one, other, third] = copies
    if (!one || !other || !third) throw new Error('no copies')
    const met = merge(merge(one, other), third)
    expect(merge(merge(third, one), other)).toEqual(met)
    expect(merge(one, merge(other, third))).toEqual(met)
    expect(merge(met, one)).toEqual(met)
    expect(names(met)).toEqual(['studio', 'd'])
    expect(met.secret.value).toBe('t'.repeat(43))
  })

  test('agree on one of two secrets that were drawn at once', () => {
    const one = withSecret(empty, 'x'.repeat(43))
    const other = withSecret(empty, 'y'.repeat(43))
    expect(merge(one, other)).toEqual(merge(other, one))
  })

  test('take a change as later than what it changes, also from a clock that is behind', () => {
    const start = withMember(empty, mac('a'), 1000)
    expect(names(merge(start, withMember(start, mac('a', 'studio'), 10)))).toEqual(['studio'])
  })
})

describe('a Mac that was removed', () => {
  const start = meshOf(mac('a'), mac('b'))
  const removed = withoutMember(start, mac('b').workerId)

  test('stays so when it was given another name elsewhere, by a clock that is years ahead', () => {
    const renamed = withMember(start, mac('b', 'book'), yearsAheadMs)
    expect(names(merge(removed, renamed))).toEqual(['a'])
    expect(names(merge(renamed, removed))).toEqual(['a'])
  })

  test('comes back when it is let in again, with the same key or another one', () => {
    for (const key of [mac('b').key, 'e'.repeat(64)]) {
      const back = withMember(removed, { ...mac('b'), key }, 0)
      expect(names(merge(removed, back))).toEqual(['a', 'b'])
      expect(names(withoutMember(back, mac('b').workerId))).toEqual(['a'])
    }
  })
})

test('the old key of a Mac that was set up anew is good for nothing', () => {
  const again = withMember(meshOf(mac('a'), mac('b')), { ...mac('b'), key: 'e'.repeat(64) }, 2)
  expect(membersOf(again).map(({ key }) => key[0])).toEqual(['a', 'e'])
  expect(needsNewSecret(again)).toBe(true)
})

test('a name is given once: the second Mac of that name gets a number', () => {
  const roster = meshOf(mac('a', 'Mac'), mac('b', 'Mac'), mac('c', 'Mac'))
  expect(names(roster)).toEqual(['Mac', 'Mac (2)', 'Mac (3)'])
  expect(names(withMember(roster, mac('a', 'Mac'), 4))).toEqual(['Mac', 'Mac (2)', 'Mac (3)'])
})

test('a name that is cut for its number is still one that others take', () => {
  const long = `${'x'.repeat(57)}😀`
  const roster = meshOf(mac('a', long), mac('b', long))
  expect(rosterSchema.safeParse(roster).success).toBe(true)
})

describe('the secret is to be changed', () => {
  const start = meshOf(mac('a'), mac('b'), mac('c'))

  test('from a removal on until it is', () => {
    expect(needsNewSecret(start)).toBe(false)
    const removed = withoutMember(start, mac('b').workerId)
    expect(needsNewSecret(removed)).toBe(true)
    expect(needsNewSecret(withSecret(removed, 't'.repeat(43)))).toBe(false)
  })

  test('when on two sides of a broken network somebody was removed: each side told its secret to the other one', () => {
    const one = withSecret(withoutMember(start, mac('b').workerId), 't'.repeat(43))
    const other = withSecret(withoutMember(start, mac('c').workerId), 'u'.repeat(43))
    const met = merge(one, other)
    expect(needsNewSecret(met)).toBe(true)
    expect(needsNewSecret(withSecret(met, 'v'.repeat(43)))).toBe(false)
  })

  test('and a secret that says of itself that nothing will replace it is refused', () => {
    const forged = { ...start, secret: { value: 't'.repeat(43), removals: 5 } }
    expect(rosterSchema.safeParse(forged).success).toBe(false)
  })
})

test('a name with control characters is refused: it would draw on the screens of others', () => {
  const forged = meshOf(mac('a', 'Mac\u001b[8m'))
  expect(rosterSchema.safeParse(forged).success).toBe(false)
})
